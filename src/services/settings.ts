/** Settings of the region that answers depend on. */
export interface ServiceSettings {
  /** Domain of names where a network has none; '' for none. */
  readonly dnsDomain: string;
  /** How long a guest may keep an address without asking again. */
  readonly leaseS: number;
}
