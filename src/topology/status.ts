/** What has been realised of a port's binding. One a port; its absence means DOWN. */

export interface Status {
  readonly port_id: string;
  readonly host_id: string;
  /** True when the port's own host has acknowledged `revision`. */
  readonly active: boolean;
  readonly revision: number;
}
