/** A host's switch over a real channel: roles, dumps and bundles, in the fleet's own terms. */
import { hashText, hashToBigint } from '../lib/hash.ts';
import {
  ALL_FLOWS,
  bandBytes,
  type Channel,
  type Duration,
  decodeBands,
  encodeFlowMod,
  encodeGroup,
  encodeGroupMod,
  type FlowDesc,
  type Message,
  NXPIF,
  OFP_NO_BUFFER,
  OFPG,
  OFPM_ALL,
  OFPP,
  OFPR,
  OpenFlowError,
  type PacketIn,
  type PacketIn2,
} from '../openflow/index.ts';
import { matchFromBytes } from '../openflow/oxm/index.ts';
import { Reader } from '../openflow/wire/index.ts';
import {
  Apart,
  Community,
  type Counted,
  countingTables,
  fieldIn,
  flowFlagsOf,
  flowKey,
  InPort,
  networkKey,
  Output,
  OutputPort,
  type RegField,
  StormControl,
} from '../pipeline/index.ts';
import type { FlowState, GroupState, InstalledFlow, MeterState, Step } from './changes.ts';
import { canonicalFlow } from './diff.ts';
import { FencedError } from './fencing.ts';
import { editGroup } from './group-edit.ts';
import type { MeterStep } from './order.ts';
import { type PassedPacket, type PuntedPacket, RejectedError, type SwitchLink } from './ports.ts';
import type { FlowCount } from './types.ts';

/** What a sender is to those who may hear it. */
const SENDER: readonly RegField[] = [Apart.field, Community];

const NO_BYTES = Buffer.alloc(0);
const NO_TIME: Duration = { seconds: 0, nanoseconds: 0 };
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** What OVS answers to a controller that is not, or cannot become, MASTER. */
const STALE = 'OFPRRFC_STALE';
const NOT_MASTER = 'OFPBRC_IS_SLAVE';

export class ChannelLink implements SwitchLink {
  readonly datapathId: bigint;
  readonly remoteAddress: string;
  readonly #channel: Channel;

  constructor(channel: Channel, remoteAddress: string) {
    this.datapathId = channel.features.datapathId;
    this.remoteAddress = remoteAddress;
    this.#channel = channel;
  }

  async takeRole(epoch: bigint): Promise<void> {
    try {
      await this.#channel.request({
        type: 'OFPT_ROLE_REQUEST',
        role: 'OFPCR_ROLE_MASTER',
        generationId: epoch,
      });
      this.#wantPackets();
    } catch (error) {
      if (!(error instanceof OpenFlowError) || error.errorName !== STALE) throw error;
      throw new FencedError(`the switch has served a newer epoch than ${epoch}`);
    }
  }

  async filledTables(): Promise<number[]> {
    const parts = await this.#channel.multipart({ type: 'OFPMP_TABLE_STATS' });
    return parts
      .flatMap(({ tables }) => tables)
      .filter(({ activeCount }) => activeCount > 0)
      .map(({ tableId }) => tableId);
  }

  async readTable(table: number): Promise<InstalledFlow[]> {
    const request = { ...ALL_FLOWS, type: 'OFPMP_FLOW_DESC', tableId: table } as const;
    const parts = await this.#channel.multipart(request);
    return parts.flatMap(({ flows }) => flows.map(installedFlow));
  }

  async readFlow({ table, cookie, match, key }: FlowState): Promise<InstalledFlow | undefined> {
    const parts = await this.#channel.multipart({
      ...ALL_FLOWS,
      type: 'OFPMP_FLOW_DESC',
      tableId: table,
      cookie,
      cookieMask: ALL_ONES,
      match: matchFromBytes(match),
    });
    // The request also finds flows of a narrower match.
    return parts
      .flatMap(({ flows }) => flows.map(installedFlow))
      .find((flow) => canonicalFlow(flow).key === key);
  }

  async readCounts(counted: Counted): Promise<FlowCount[]> {
    const requests = countingTables(counted).map((tableId) =>
      this.#channel.multipart({ ...ALL_FLOWS, type: 'OFPMP_FLOW_DESC', tableId }),
    );
    const parts = await Promise.all(requests);
    return parts.flat().flatMap(({ flows }) => flows.map(flowCount));
  }

  async readGroups(): Promise<GroupState[]> {
    const request = { type: 'OFPMP_GROUP_DESC', groupId: OFPG.ALL } as const;
    const parts = await this.#channel.multipart(request);
    return parts.flatMap(({ groups }) =>
      groups.map(({ groupId, groupType, buckets }) => ({ groupId, type: groupType, buckets })),
    );
  }

  async readMeters(): Promise<MeterState[]> {
    const request = { type: 'OFPMP_METER_CONFIG', meterId: OFPM_ALL } as const;
    const parts = await this.#channel.multipart(request);
    return parts.flatMap(({ meters }) =>
      meters.map(({ bands, ...meter }) => ({ ...meter, bands: bandBytes(bands) })),
    );
  }

  flushZones(zones: Iterable<number>): void {
    for (const zone of zones) this.#channel.send({ type: 'NXT_CT_FLUSH_ZONE', zone });
  }

  async apply(steps: readonly Step[]): Promise<void> {
    const sent = this.#channel.bundle(steps.flatMap(messagesOf));
    await orRejected(sent, (index) => ownerOf(steps, index));
  }

  async setMeters(steps: readonly MeterStep[]): Promise<void> {
    await orRejected(this.#channel.commands(steps.map(meterMod)), (index) => steps[index ?? -1]);
  }

  onPacket(listener: (packet: PuntedPacket) => void): void {
    this.#channel.on('packetIn', (message) => {
      const packet = puntedPacket(message);
      if (packet !== undefined) listener(packet);
    });
  }

  sendPacket(ofport: number, data: Buffer): void {
    this.#channel.send({
      type: 'OFPT_PACKET_OUT',
      bufferId: OFP_NO_BUFFER,
      match: { in_port: OFPP.CONTROLLER },
      actions: [
        { type: 'set_field', field: OutputPort.register, value: ofport },
        { type: 'resubmit', table: Output.id },
      ],
      data,
    });
  }

  /** Port, network, and who may hear it: all that forwarding has to know of where a packet was. */
  passOn({ ofport, vni, metadata, data }: PassedPacket): void {
    this.#channel.send({
      type: 'OFPT_PACKET_OUT',
      bufferId: OFP_NO_BUFFER,
      match: { in_port: ofport, metadata: networkKey(vni) },
      actions: [
        { type: 'set_field', field: InPort.register, value: ofport },
        ...SENDER.map(
          (field) =>
            ({
              type: 'set_field',
              field: field.register,
              value: field.place(fieldIn(metadata, field)),
              mask: field.mask,
            }) as const,
        ),
        { type: 'resubmit', table: StormControl.id },
      ],
      data,
    });
  }

  /** What flows hand to the master, in the form that says for which service; nothing else. */
  #wantPackets(): void {
    this.#channel.send({ type: 'NXT_SET_PACKET_IN_FORMAT', format: NXPIF.NXT_PACKET_IN2 });
    this.#channel.send({
      type: 'OFPT_SET_ASYNC',
      masks: [{ property: 'OFPACPT_PACKET_IN_MASTER', mask: 1 << OFPR.APPLY_ACTION }],
    });
  }

  onFenced(listener: () => void): void {
    this.#channel.on('roleStatus', ({ role }) => {
      if (role === 'OFPCR_ROLE_SLAVE') listener();
    });
  }

  onClose(listener: (reason: string) => void): void {
    this.#channel.on('close', listener);
  }

  close(reason: string): void {
    this.#channel.close(reason);
  }
}

/** Waits for what was sent; a refusal is told by the step that it is about. */
async function orRejected(
  sent: Promise<void>,
  stepOf: (memberIndex: number | undefined) => Step | MeterStep | undefined,
): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof OpenFlowError)) throw error;
    if (error.errorName === NOT_MASTER) throw new FencedError('we are not master any more');
    throw new RejectedError(stepOf(error.memberIndex), error);
  }
}

/** The step that a message of a bundle stems from: a large group takes several. */
function ownerOf(steps: readonly Step[], index: number | undefined): Step | undefined {
  const owners = steps.flatMap((step) => [messagesOf(step)].flat().map(() => step));
  return owners[index ?? -1];
}

/** What a step says to a switch; flows and buckets were encoded when they were compiled. */
function messagesOf(step: Step): Buffer | Buffer[] {
  switch (step.type) {
    case 'put_flow':
      // ADD replaces a flow of the same match, and keeps its counters; MODIFY would pass over one
      // that somebody has deleted.
      return step.flow.message;
    case 'delete_flow':
      return deletion(step.flow);
    case 'add_group': {
      const { groupId, type, buckets } = step.group;
      return encodeGroup({ command: 'OFPGC_ADD', groupType: type, groupId, buckets });
    }
    case 'modify_group':
      return modifyGroup(step.before, step.group);
    case 'delete_group': {
      const { groupId, type } = step.group;
      const group = { command: 'OFPGC_DELETE', groupType: type, groupId, buckets: [] } as const;
      return encodeGroupMod(group, 0);
    }
  }
}

const METER_COMMAND = {
  add_meter: 'OFPMC_ADD',
  modify_meter: 'OFPMC_MODIFY',
  delete_meter: 'OFPMC_DELETE',
} as const;

function meterMod({ type, meter }: MeterStep): Message {
  const { meterId, flags } = meter;
  const bands = type === 'delete_meter' ? [] : decodeBands(new Reader(meter.bands));
  return { type: 'OFPT_METER_MOD', command: METER_COMMAND[type], meterId, flags, bands };
}

/** Undefined for what no flow of ours sent: those ask for NXT_PACKET_IN2, and whole packets. */
function puntedPacket(message: PacketIn | PacketIn2): PuntedPacket | undefined {
  if (message.type !== 'NXT_PACKET_IN2') return undefined;
  const { packet, metadata, userdata, cookie = 0n } = message;
  if (packet === undefined || metadata === undefined) return undefined;
  return { userdata, cookie, metadata, data: packet };
}

function deletion({ table, priority, match }: FlowState): Buffer {
  const command = 'OFPFC_DELETE_STRICT';
  const flow = { command, tableId: table, priority, cookie: 0n, match } as const;
  return encodeFlowMod({ ...flow, instructions: NO_BYTES }, 0);
}

function modifyGroup(before: GroupState, after: GroupState): Buffer[] {
  const { groupId, type: groupType } = after;
  return editGroup(before, after).flatMap(({ command, at, buckets }) =>
    command === 'OFPGC_MODIFY'
      ? encodeGroup({ command, groupType, groupId, buckets })
      : [encodeGroupMod({ command, groupType, groupId, buckets, commandBucketId: at }, 0)],
  );
}

function isLasting({ tableId, flags, idleTimeout, hardTimeout, importance }: FlowDesc): boolean {
  return idleTimeout + hardTimeout + importance === 0 && flags === flowFlagsOf(tableId);
}

function flowCount({ tableId, priority, cookie, rawMatch, stats }: FlowDesc): FlowCount {
  const { idle, packetCount = 0n, byteCount = 0n } = stats;
  return {
    name: hashToBigint(hashText(flowKey(tableId, priority, rawMatch))).toString(36),
    cookie,
    packets: Number(packetCount),
    bytes: Number(byteCount),
    ageMs: milliseconds(stats.duration ?? NO_TIME),
    idleMs: milliseconds(idle ?? NO_TIME),
  };
}

function milliseconds({ seconds, nanoseconds }: Duration): number {
  return seconds * 1000 + Math.floor(nanoseconds / 1e6);
}

function installedFlow(flow: FlowDesc): InstalledFlow {
  const { tableId, priority, cookie, rawMatch, rawInstructions } = flow;
  return {
    table: tableId,
    priority,
    cookie,
    match: rawMatch,
    instructions: rawInstructions,
    key: flowKey(tableId, priority, rawMatch),
    lasting: isLasting(flow),
  };
}
