/** OpenFlow port numbers that are the same on every host. */

/**
 * The tunnel port, by `ofport_request`. Open vSwitch itself gives out 1 to 32,767 only
 * (ovs-vswitchd.conf.db(5), ofport), so no VIF ever has this number.
 */
export const TUNNEL_PORT = 65_000;
