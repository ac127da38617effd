/**
 * The fence on the OVSDB side. OpenFlow has generation ids; OVSDB has nothing of the kind, so the
 * epoch of the owning controller lies in Open_vSwitch `external_ids:heddle-epoch`, and every
 * transaction of ours begins with a `wait` on it (RFC 7047 5.2.6): the write of a controller that
 * was replaced fails as a whole, in the host's own database, without asking anybody.
 */
import { type Operation, vswitch } from '../ovsdb/index.ts';
import type { HostRows } from './observe.ts';

const EPOCH_KEY = 'heddle-epoch';

type Root = HostRows['Open_vSwitch'];

/** The host has served a controller with a newer epoch than ours. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  readonly epoch: bigint | undefined;

  constructor(message: string, epoch?: bigint) {
    super(message);
    this.epoch = epoch;
  }
}

/** The epoch that a host's database carries; 0 where none, or nothing that is a number. */
export function epochOf(root: Pick<Root, 'external_ids'>): bigint {
  const text = root.external_ids.get(EPOCH_KEY) ?? '';
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

/**
 * The operations with which a transaction of the owner begins: one `wait` when the epoch is ours
 * already, else a `wait` on everything as we know it and the raising. Throws FencedError when the
 * database carries a newer epoch.
 */
export function fence(root: Root, epoch: bigint): Operation[] {
  const found = epochOf(root);
  if (found > epoch)
    throw new FencedError(`the host serves epoch ${found}, ours is ${epoch}`, found);
  return found === epoch ? [holdEpoch(epoch)] : [knowRoot(root), ...raiseEpoch(root, epoch)];
}

/** Fails the transaction unless the epoch is exactly this. */
function holdEpoch(epoch: bigint): Operation {
  return vswitch.wait('Open_vSwitch', {
    where: [['external_ids', 'includes', new Map([[EPOCH_KEY, `${epoch}`]])]],
    columns: ['external_ids'],
    until: '!=',
    rows: [],
    timeoutMs: 0,
  });
}

/**
 * Fails the transaction when somebody wrote since: an absent key cannot be waited for otherwise.
 */
function knowRoot(root: Root): Operation {
  return vswitch.wait('Open_vSwitch', {
    where: [['_uuid', '==', root._uuid]],
    columns: ['external_ids'],
    until: '==',
    rows: [{ external_ids: root.external_ids }],
    timeoutMs: 0,
  });
}

function raiseEpoch(root: Root, epoch: bigint): Operation[] {
  return [
    vswitch.mutate(
      'Open_vSwitch',
      [['_uuid', '==', root._uuid]],
      [
        ['external_ids', 'delete', [EPOCH_KEY]],
        ['external_ids', 'insert', new Map([[EPOCH_KEY, `${epoch}`]])],
      ],
    ),
  ];
}
