/**
 * Where OpenFlow channels wait for their host. A channel may come before the bridge row that names
 * its datapath id, because OVS dials as soon as it has made the bridge and tells the database
 * later. It waits a moment; one that nobody claims is closed, with the reason logged.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { SwitchLink } from './ports.ts';

const WAIT_MS = 5000;
const WAITING_MAX = 1024;

export interface LobbyOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Gives the channel to its host; false: no host, or more than one, claims it. */
  readonly seat: (link: SwitchLink) => boolean;
}

export class Lobby {
  readonly #options: LobbyOptions;
  readonly #waiting = new Map<SwitchLink, Timer>();

  constructor(options: LobbyOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  enter(link: SwitchLink): void {
    if (this.#options.seat(link)) return;
    if (this.#waiting.size >= WAITING_MAX) {
      this.#dismiss(link, 'too many channels wait for their host');
      return;
    }
    const timer = this.#options.clock.setTimer(WAIT_MS, () => {
      this.#waiting.delete(link);
      this.#dismiss(link, 'no connected host claims its datapath id alone');
    });
    this.#waiting.set(link, timer);
    link.onClose(() => this.#leave(link));
  }

  /** A host's datapath id has become known: whoever waits for it may go on. */
  retry(): void {
    for (const link of this.#waiting.keys()) {
      if (this.#options.seat(link)) this.#leave(link);
    }
  }

  close(): void {
    for (const link of this.#waiting.keys()) {
      this.#leave(link);
      link.close('the controller stops');
    }
  }

  #leave(link: SwitchLink): void {
    this.#waiting.get(link)?.cancel();
    this.#waiting.delete(link);
  }

  #dismiss(link: SwitchLink, reason: string): void {
    this.#options.log.warn('An OpenFlow channel was refused.', {
      address: link.remoteAddress,
      datapathId: link.datapathId.toString(16).padStart(16, '0'),
      reason,
    });
    link.close(reason);
  }
}
