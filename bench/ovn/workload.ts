/** The workload and the requests of the line protocol, as they stand on the lines. */

export interface HostGiven {
  readonly name: string;
  /** The host's own OVSDB socket, as `unix:PATH`. */
  readonly ovsdb: string;
  /** Where its ovsdb-server listens at TCP port 6640, too; absent: it does not. */
  readonly mgmt_ip: string | null;
  readonly tunnel_ip: string;
}

export interface RuleGiven {
  /** As the port sees it: `out` is what it sends. */
  readonly dir: 'in' | 'out';
  /** 0: either version. */
  readonly ip: 0 | 4 | 6;
  readonly proto: string | null;
  /** A CIDR, or `@` and the name of a group. */
  readonly remote: string | null;
  readonly dports: readonly [number, number] | null;
  readonly action: 'allow' | 'drop';
}

export interface GroupGiven {
  readonly name: string;
  readonly rules: readonly RuleGiven[];
}

export interface PortGiven {
  readonly name: string;
  readonly switch: string;
  readonly host: string;
  readonly mac: string;
  readonly ip: string;
  readonly groups: readonly string[];
}

export interface Workload {
  readonly routers: readonly { readonly name: string; readonly switches: readonly string[] }[];
  readonly switches: readonly {
    readonly name: string;
    readonly cidr: string;
    readonly gateway: string;
    readonly gateway_mac: string;
  }[];
  readonly groups: readonly GroupGiven[];
  readonly ports: readonly PortGiven[];
}

export type Request = { readonly id: number } & (
  | { readonly op: 'hosts'; readonly hosts: readonly HostGiven[] }
  | {
      readonly op: 'load';
      readonly workload: Workload;
      /** Hosts that the ports are said to be on, with no Open vSwitch behind them. */
      readonly simulated: readonly string[];
    }
  | { readonly op: 'port-add' | 'port-del'; readonly port: PortGiven }
  | {
      readonly op: 'rule-add';
      readonly group: string;
      readonly rule: RuleGiven;
      readonly key: string;
    }
  | { readonly op: 'rule-del'; readonly group: string; readonly key: string }
  | { readonly op: 'sync' }
);
