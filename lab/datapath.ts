/**
 * Which datapath the switches of a lab have: that of ovs-vswitchd itself (`netdev`), which every
 * machine can run, or the kernel's (`system`), which needs its module `openvswitch`. A whole lab
 * has one, named by the environment, so that every test of the lab can run on either.
 */
/** `datapath_type` of a bridge: ovs-vswitchd.conf.db(5). */
export type DatapathType = 'netdev' | 'system';

/** Set to `system` where the kernel has the module. */
export const DATAPATH_VARIABLE = 'HEDDLE_LAB_DATAPATH';

export const DATAPATH_TYPE: DatapathType = read(process.env[DATAPATH_VARIABLE] ?? 'netdev');

function read(value: string): DatapathType {
  if (value === 'netdev' || value === 'system') return value;
  throw new Error(`${DATAPATH_VARIABLE} is netdev or system, not "${value}"`);
}
