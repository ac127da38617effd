/**
 * Small random pipelines, as text: registers, resubmits, conjunctions, groups and connection
 * tracking in any combination that means one thing. Every flow is of a priority of its own, since
 * Open vSwitch is free to choose between flows of one priority.
 */
import type { SeededRandom } from './world-random.ts';

export interface RandomPipeline {
  readonly flows: readonly string[];
  readonly groups: readonly string[];
}

/** Ports that packets leave by. */
export const OUT_PORTS = [11, 12, 13];
/** Tables in which flows are random; those after them tell what can be seen of a packet. */
const TABLES = 7;
const REPORT = 20;
export const ZONES = [1, 2, 3];
const GROUP = 5;
/** Where a bucket leads: into the last of the random tables, so that copies stay few. */
const AFTER_GROUP = TABLES - 1;

export function randomPipeline(random: SeededRandom): RandomPipeline {
  const flows = Array.from({ length: TABLES }, (_, table) => tableOf(random, table)).flat();
  return {
    flows: [...new Map([...flows, ...reports()].map((flow) => [keyOf(flow), flow])).values()],
    groups: [
      `group_id=${GROUP},type=all,` +
        'bucket=bucket_id:1,actions=set_field:0x1->reg0,resubmit(,20),' +
        `bucket=bucket_id:2,actions=set_field:12->reg15,resubmit(,${AFTER_GROUP}),` +
        'bucket=bucket_id:3,actions=set_field:02:00:00:00:00:77->eth_dst,output:13',
    ],
  };
}

/** What a switch tells flows apart by: of two that are the same to it the later one stays. */
function keyOf(flow: string): string {
  return flow.replace(/,actions=.*$/, '');
}

function tableOf(random: SeededRandom, table: number): string[] {
  const priorities = random.shuffle(Array.from({ length: 20 }, (_, index) => 10 + index));
  const next = () => priorities.pop() as number;
  const flows: string[] = [];
  for (let i = 0; i < 5; i++) {
    const match = randomMatch(random, table);
    flows.push(flow(table, next(), match, randomActions(random, table, match)));
  }
  if (random.chance(0.8)) flows.push(...conjunctions(random, table, next));
  if (random.chance(0.8)) flows.push(flow(table, 1, ['ip'], randomActions(random, table, ['ip'])));
  if (random.chance(0.8)) {
    flows.push(flow(table, 1, ['ipv6'], randomActions(random, table, ['ipv6'])));
  }
  flows.push(flow(table, 0, [], [`resubmit(,${REPORT})`]));
  return flows;
}

function flow(
  table: number,
  priority: number,
  match: readonly string[],
  actions: readonly string[],
): string {
  return [`table=${table},priority=${priority}`, ...match, `actions=${actions.join(',')}`].join();
}

const FAMILIES: readonly string[] = ['ip', 'ipv6'];

function randomMatch(random: SeededRandom, table: number): string[] {
  const family = random.pick(FAMILIES);
  const tracked = table > 0 && random.chance(0.5);
  const match = [family];
  if (tracked) match.push(`ct_state=${random.pick(STATES)}`);
  for (let i = 0; i < 2; i++) {
    const condition = conditionOf(random, match);
    const field = condition?.split('=')[0];
    if (condition !== undefined && !match.some((each) => each.split('=')[0] === field)) {
      match.push(condition);
    }
  }
  return match;
}

const STATES = [
  '+trk-inv',
  '+trk-inv',
  '+trk-inv',
  '+new+trk-inv',
  '+est+trk-inv',
  '+rpl+trk-inv',
  '-rpl+trk-inv',
  '+rel+trk-inv',
  '+inv+trk',
  '-trk',
];

function conditionOf(random: SeededRandom, match: readonly string[]): string | undefined {
  const v6 = match.includes('ipv6');
  const valid = match.some((each) => each.startsWith('ct_state') && each.includes('+trk-inv'));
  const host = 1 + random.integer(3);
  const side = random.pick(['src', 'dst']);
  const address = v6 ? `fd00::${host}` : `10.0.0.${host}`;
  const plain = [
    `in_port=${random.pick([1, 2, 3])}`,
    `reg0=${random.integer(2)}/1`,
    `xreg1=0x${random.integer(2)}00000001/0x100000001`,
    v6 ? `ipv6_${side}=${address}` : `nw_${side}=${address}`,
    `ct_zone=${random.pick(ZONES)}`,
  ];
  // Without the protocol `ovs-ofctl` leaves the ports out, silently.
  const protocol = `ct_nw_proto=${random.pick([6, 17, v6 ? 58 : 1, 50])}`;
  const original = [
    v6 ? `ct_ipv6_${side}=${address}` : `ct_nw_${side}=${address}`,
    protocol,
    `${protocol},ct_tp_${side}=${random.pick([1, 2, 8, 128])}`,
    `${protocol},ct_tp_${side}=0/0x1`,
  ];
  return random.pick(valid ? [...plain, ...original, ...original] : plain);
}

/** Actions that a packet of the match may have; what leads on leads to a later table. */
function randomActions(random: SeededRandom, table: number, match: readonly string[]): string[] {
  const actions: string[] = [];
  for (let i = 1 + random.integer(4); i > 0; i--) {
    actions.push(random.pick(ACTIONS)(random, { table, match }));
  }
  if (random.chance(0.5) && table + 1 < TABLES) actions.push(`goto_table:${later(random, table)}`);
  return actions;
}

interface Place {
  readonly table: number;
  readonly match: readonly string[];
}

type Make = (random: SeededRandom, place: Place) => string;

function later(random: SeededRandom, table: number): number {
  if (table + 1 >= TABLES) return REPORT;
  return table + 1 + random.integer(Math.min(3, TABLES - table - 1));
}

const track: Make = (random, { table, match }) => {
  const zone = random.chance(0.3) ? 'NXM_NX_REG10[0..15]' : String(random.pick(ZONES));
  const mayCommit = !match.some((each) => each.includes('+inv'));
  const commit = mayCommit && random.chance(0.6) ? ['commit'] : [];
  const to = random.chance(0.3) ? REPORT : later(random, table);
  const on = random.chance(0.8) ? [`table=${to}`] : [];
  return `ct(${[...commit, ...on, `zone=${zone}`].join()})`;
};

const resubmit: Make = (random, { table }) => `resubmit(,${later(random, table)})`;

const ACTIONS: readonly Make[] = [
  track,
  track,
  track,
  resubmit,
  resubmit,
  (random) => `set_field:0x${random.integer(4)}->reg0`,
  (random) => `set_field:${random.pick(ZONES)}->reg10`,
  () => 'set_field:0x100000001->xreg1',
  (random) => `set_field:0x${random.integer(2)}/0x1->reg3`,
  () => 'move:NXM_NX_CT_STATE[0..1]->NXM_NX_REG0[0..1]',
  () => 'move:NXM_NX_CT_ZONE[]->NXM_NX_REG10[0..15]',
  (random) => `set_field:${random.pick(OUT_PORTS)}->reg15`,
  () => 'output:NXM_NX_REG15[]',
  (random, { match }) => {
    const host = 1 + random.integer(3);
    return match.includes('ipv6')
      ? `set_field:fd00::${host}->ipv6_dst`
      : `set_field:10.0.0.${host}->nw_dst`;
  },
  () => 'ct_clear',
  (_, { table }) => (table < AFTER_GROUP ? `group:${GROUP}` : 'output:11'),
];

/** One or two conjunctions, and the flows that they end in, which do the same: either may win. */
function conjunctions(random: SeededRandom, table: number, next: () => number): string[] {
  const [parts, ends] = [next(), next()];
  const family = random.pick(FAMILIES);
  const match = [family, ...(table > 0 ? ['ct_state=+trk-inv'] : [])];
  const actions = randomActions(random, table, match);
  const clauses = random.pick([2, 2, 3]);
  const members = new Map<string, string[]>();
  const ids = random.pick([[7], [7, 8]]);
  for (const id of ids) {
    for (let clause = 1; clause <= clauses; clause++) {
      for (let i = 2 + random.integer(3); i > 0; i--) {
        const key = [...match, conditionOf(random, match)].join();
        const list = members.get(key) ?? [];
        list.push(`conjunction(${id},${clause}/${clauses})`);
        members.set(key, list);
      }
    }
  }
  const flows = [...members].map(([key, list]) => flow(table, parts, [key], [...new Set(list)]));
  // A flow of the same match that a part of a conjunction hides, until the conjunction fails.
  for (const key of members.keys()) {
    if (random.chance(0.2)) flows.push(flow(table, 2, [key], [`resubmit(,${REPORT})`]));
  }
  return random.chance(0.15)
    ? flows
    : [...flows, ...ids.map((id) => flow(table, ends, [`conj_id=${id}`, ...match], actions))];
}

/** Writes what flows see of a packet where a capture sees it, and sends it. */
function reports(): string[] {
  const shown = (field: string, bits: number, at: number) =>
    `move:NXM_NX_${field}[0..${bits - 1}]->NXM_OF_ETH_DST[${at}..${at + bits - 1}]`;
  const state = [
    shown('CT_STATE', 8, 0),
    shown('CT_ZONE', 16, 8),
    shown('REG0', 4, 24),
    shown('REG3', 4, 28),
    shown('REG10', 4, 32),
    shown('REG15', 4, 36),
    'output:11',
  ];
  const original = (source: string, destination: string) => [
    shown(source, 8, 0),
    shown(destination, 8, 8),
    shown('CT_TP_SRC', 8, 16),
    shown('CT_TP_DST', 8, 24),
    shown('CT_NW_PROTO', 8, 32),
    'output:12',
  ];
  const valid = 'ct_state=+trk-inv';
  const v4 = [...original('CT_NW_SRC', 'CT_NW_DST'), ...state];
  const v6 = [...original('CT_IPV6_SRC', 'CT_IPV6_DST'), ...state];
  return [
    flow(REPORT, 2, ['ip', valid], v4),
    flow(REPORT, 2, ['ipv6', valid], v6),
    flow(REPORT, 1, [], state),
  ];
}
