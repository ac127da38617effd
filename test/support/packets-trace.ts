/** The answer of `ofproto/trace`, read into what left the switch. */
import { OFPVID_PRESENT } from '../../src/openflow/constants.ts';
import { type Masked, type Match } from '../../src/openflow/oxm/index.ts';
import { parseMatch } from '../../src/openflow/text/index.ts';
import { isTelling, readUserdata } from '../../src/pipeline/index.ts';

interface TracedOutput {
  /** OpenFlow port number. */
  readonly port: number;
  /** VLAN that the packet was put into. */
  readonly vlan: number;
  /** Text of the tunnel destination and flags, and the tunnel key, for the tunnel port. */
  readonly tunnel: { readonly destination: string; readonly key: bigint; readonly flags: string };
}

export interface Traced {
  readonly outputs: readonly TracedOutput[];
  /** What the packet was handed to the controller for. */
  readonly services: readonly string[];
  /** The packet after all actions. */
  readonly final: Match;
}

/** Reads the text of `ofproto/trace` of a frame of so many bytes, without tags. */
export function readTrace(said: string, bytes: number): Traced {
  const text = wayTaken(said, bytes);
  const outputs: TracedOutput[] = [];
  const services: string[] = [];
  let destination = '';
  let flags = '0';
  let vlan = 0;
  let key = 0n;
  for (const line of text.split('\n').map((each) => each.trim())) {
    destination = fieldSet('tun(?:_ipv6)?_dst', line) ?? destination;
    flags = fieldSet('tun_flags', line) ?? flags;
    const newKey = /NXM_NX_TUN_ID\[0\.\.23\] is now (\S+)$/.exec(line)?.[1];
    if (newKey !== undefined) key = BigInt(newKey);
    vlan = vlanSet(line) ?? vlan;
    const port = /^(?:output:|-> output port is )(\d+)$/.exec(line)?.[1];
    if (port !== undefined) {
      outputs.push({ port: Number(port), vlan, tunnel: { destination, key, flags } });
      vlan = 0;
    }
    const userdata = /^controller\(.*\buserdata=([\da-f.]+)/.exec(line)?.[1];
    if (userdata !== undefined) services.push(serviceOf(userdata));
    if (line === '>> skipping output to input port') outputs.pop();
  }
  // What the controller is only told goes on as if it were not.
  return { outputs, services: services.filter((name) => !isTelling(name)), final: finalFlow(text) };
}

/**
 * A trace follows `check_pkt_larger` both ways, first that of larger packets, which begins with the
 * same line as the other; the lines of the way that the packet does not take are left out.
 */
function wayTaken(text: string, bytes: number): string {
  const lines = text.split('\n');
  const check = lines.findIndex((line) => line.includes('check_pkt_larger('));
  if (check < 0) return text;
  const size = Number(/check_pkt_larger\((\d+)\)/.exec(lines[check] ?? '')?.[1]);
  const larger = check + 1;
  const other = lines.indexOf(lines[larger] ?? '', larger + 1);
  const end = lines.indexOf('', other);
  const [from, to] = bytes > size ? [other, end] : [larger, other];
  return [...lines.slice(0, from), ...lines.slice(to)].join('\n');
}

/** The exact fields of a match: the final flow has no other. */
export function exactFields(match: Match): Record<string, number | bigint> {
  const entries = Object.entries(match) as [string, number | bigint | Masked<number>][];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number | bigint] => typeof entry[1] !== 'object'),
  );
}

function fieldSet(field: string, line: string): string | undefined {
  return new RegExp(`^set_field:(\\S+)->${field}$`).exec(line)?.[1];
}

function vlanSet(line: string): number | undefined {
  const tag = /^set_field:(\d+)->vlan_vid$/.exec(line)?.[1];
  return tag === undefined ? undefined : Number(tag) - OFPVID_PRESENT;
}

function serviceOf(userdata: string): string {
  const asked = readUserdata(Buffer.from(userdata.replaceAll('.', ''), 'hex'));
  return asked?.service ?? `userdata ${userdata}`;
}

function finalFlow(text: string): Match {
  const flow = /^Flow: (.*)$/m.exec(text)?.[1] ?? '';
  const final = /^Final flow: (.*)$/m.exec(text)?.[1] ?? 'unchanged';
  const chosen = final === 'unchanged' ? flow : final;
  const isIgmp = /,nw_proto=2\b/.test(chosen);
  // Members that a match cannot have are of the tunnel's making, or the queue of a packet: neither
  // decides where it goes.
  const members = chosen
    .split(',')
    .filter((member) => !/^(tun_|gtpu_|vlan_tci|nw_frag|skb_priority)/.test(member))
    // The type of IGMP, which no match names.
    .filter((member) => !isIgmp || !member.startsWith('tp_'));
  return parseMatch(members.join(','));
}
