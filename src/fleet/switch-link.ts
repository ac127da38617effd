/** A host's switch over a real channel: roles, dumps and bundles, in the fleet's own terms. */
import {
  ALL_FLOWS,
  type Channel,
  encodeFlowMod,
  encodeGroup,
  encodeGroupMod,
  type FlowDesc,
  OFPG,
  OpenFlowError,
} from '../openflow/index.ts';
import { matchFromBytes } from '../openflow/oxm/index.ts';
import { flowKey } from '../pipeline/index.ts';
import type { FlowState, GroupState, InstalledFlow, Step } from './changes.ts';
import { canonicalFlow } from './diff.ts';
import { FencedError } from './fencing.ts';
import { editGroup } from './group-edit.ts';

import { RejectedError, type SwitchLink } from './ports.ts';

const NO_BYTES = Buffer.alloc(0);
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

  async readGroups(): Promise<GroupState[]> {
    const request = { type: 'OFPMP_GROUP_DESC', groupId: OFPG.ALL } as const;
    const parts = await this.#channel.multipart(request);
    return parts.flatMap(({ groups }) =>
      groups.map(({ groupId, groupType, buckets }) => ({ groupId, type: groupType, buckets })),
    );
  }

  flushZones(zones: Iterable<number>): void {
    for (const zone of zones) this.#channel.send({ type: 'NXT_CT_FLUSH_ZONE', zone });
  }

  async apply(steps: readonly Step[]): Promise<void> {
    try {
      await this.#channel.bundle(steps.flatMap(messagesOf));
    } catch (error) {
      if (!(error instanceof OpenFlowError)) throw error;
      if (error.errorName === NOT_MASTER) throw new FencedError('we are not master any more');
      throw new RejectedError(ownerOf(steps, error.memberIndex), error);
    }
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

function installedFlow(flow: FlowDesc): InstalledFlow {
  const { tableId, priority, cookie, rawMatch, rawInstructions } = flow;
  return {
    table: tableId,
    priority,
    cookie,
    match: rawMatch,
    instructions: rawInstructions,
    key: flowKey(tableId, priority, rawMatch),
    lasting: flow.idleTimeout + flow.hardTimeout + flow.flags + flow.importance === 0,
  };
}
