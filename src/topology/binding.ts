/** A binding: the place where a port is plugged in, as the host's OVSDB shows it. One a port. */

export interface Binding {
  readonly port_id: string;
  readonly host_id: string;
  readonly ofport: number;
  readonly interface_name: string;
}
