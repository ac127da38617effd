/**
 * What one host's database shows, told to whoever wants to know, and only when it is something new.
 */
import { INTEGRATION_BRIDGE, type SwitchConfig } from '../compiler/index.ts';
import { factsOf, sameFacts } from './facts.ts';
import {
  attachmentsOf,
  bridgeOf,
  datapathIdOf,
  isTunnelTaken,
  sameAttachments,
  tunnelProblem,
} from './observe.ts';
import type { HostDatabase } from './ports.ts';
import type { Attachment, HostFacts } from './types.ts';

export interface HostWatchOptions {
  readonly id: string;
  readonly identified: (facts: HostFacts) => void;
  readonly attachments: (list: readonly Attachment[]) => void;
  /** The datapath id has become known, or has changed. */
  readonly moved: () => void;
  /** The tunnel of an owned host does not work; nothing that we could write would help. */
  readonly tunnelBroken: (problem: string) => void;
}

export class HostWatch {
  readonly #options: HostWatchOptions;
  #facts: HostFacts | undefined;
  #attachments: readonly Attachment[] | undefined;
  #datapathId: bigint | undefined;
  #tunnelProblem: string | undefined;
  #isTunnelTaken = false;

  constructor(options: HostWatchOptions) {
    this.#options = options;
  }

  /** Of the bridge that we drive; undefined while there is none. */
  get datapathId(): bigint | undefined {
    return this.#datapathId;
  }

  /** Another port has the tunnel's number: no flow may go in. */
  get isTunnelTaken(): boolean {
    return this.#isTunnelTaken;
  }

  /** The database is away, or another: everything that it shows next is news. */
  forget(): void {
    this.#facts = undefined;
    this.#attachments = undefined;
    this.#datapathId = undefined;
    this.#tunnelProblem = undefined;
  }

  /** Looks at all of it; `config` where the host is ours. Closes a host that has become another. */
  look(database: HostDatabase, config: SwitchConfig | undefined): void {
    const { tables } = database;
    const facts = factsOf(tables, INTEGRATION_BRIDGE, database.remoteAddress);
    if (facts === undefined || facts.id !== this.#options.id) {
      database.close('the host has changed its system-id');
      return;
    }
    if (this.#facts === undefined || !sameFacts(this.#facts, facts)) {
      this.#facts = facts;
      this.#options.identified(facts);
    }
    const attachments = attachmentsOf(tables, INTEGRATION_BRIDGE);
    if (this.#attachments === undefined || !sameAttachments(this.#attachments, attachments)) {
      this.#attachments = attachments;
      this.#options.attachments(attachments);
    }
    if (config !== undefined) this.#checkTunnel(database, config);
    const datapathId = datapathIdOf(bridgeOf(tables, INTEGRATION_BRIDGE));
    if (datapathId === this.#datapathId) return;
    this.#datapathId = datapathId;
    this.#options.moved();
  }

  #checkTunnel({ tables }: HostDatabase, config: SwitchConfig): void {
    const { tunnel, tunnelPort } = config;
    this.#isTunnelTaken = isTunnelTaken(tables, config);
    const problem = tunnelProblem(tables, tunnel, tunnelPort);
    if (problem === this.#tunnelProblem) return;
    this.#tunnelProblem = problem;
    if (problem !== undefined) this.#options.tunnelBroken(problem);
  }
}
