/**
 * A look at the switch of any host: of one that is ours by asking it, of another by asking whoever
 * owns it, by way of the store:
 *
 *     asker ──{ask, host, keys}──▶ all controllers; the owner ──{answer, …}──▶ the asker
 */
import type { Inspection } from '../../fleet/index.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Notices } from '../../store/index.ts';

/** What a switch holds, and how many updates are on their way to it. */
export interface Look extends Inspection {
  readonly pending: number;
}

export interface InspectorOptions {
  readonly clock: Clock;
  /** Unique among controllers and their earlier lives. */
  readonly name: string;
  readonly owns: (hostId: string) => boolean;
  /** Of a host of ours. Rejects when its switch cannot be asked. */
  readonly look: (hostId: string, keys: Iterable<string>) => Promise<Look>;
  readonly others: Notices;
}

interface Question {
  readonly ask: string;
  readonly host: string;
  readonly keys: readonly string[];
}

/** `error` says why there is none. */
interface Answer {
  readonly answer: string;
  readonly look?: Pick<Look, 'pending' | 'tables'> & {
    readonly flows: readonly (readonly [key: string, problem: 'missing' | 'changed'])[];
  };
  readonly error?: string;
}

interface Waiter {
  readonly take: (answer: Answer) => void;
  readonly timer: Timer;
}

/** A look takes some milliseconds; nobody answers for a host that nobody owns. */
const ANSWER_MS = 500;

export class Inspector {
  readonly #options: InspectorOptions;
  readonly #waiting = new Map<string, Waiter>();
  #asked = 0;
  #stopListening: (() => void) | undefined;

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  /** Answers others, and hears their answers, from now on. */
  start(): void {
    this.#stopListening ??= this.#options.others.listen((message) => {
      if ('ask' in message) void this.#answer(message as Question);
      else this.#waiting.get((message as Answer).answer)?.take(message as Answer);
    });
  }

  stop(): void {
    this.#stopListening?.();
    const error = 'this controller stops';
    for (const [answer, { take }] of this.#waiting) take({ answer, error });
  }

  /** Rejects, with the reason in words, when the switch cannot be asked. */
  look(hostId: string, keys: Iterable<string>): Promise<Look> {
    const { owns, look } = this.#options;
    return owns(hostId) ? look(hostId, keys) : this.#askOthers(hostId, keys);
  }

  #askOthers(host: string, keys: Iterable<string>): Promise<Look> {
    const { clock, name, others } = this.#options;
    this.#asked += 1;
    const ask = `${name} ${this.#asked}`;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#waiting.get(ask)?.timer.cancel();
        this.#waiting.delete(ask);
        settle();
      };
      const timer = clock.setTimer(ANSWER_MS, () =>
        end(() => reject(new Error('no controller that owns the host has answered'))),
      );
      const take = ({ look, error = 'it does not answer' }: Answer): void =>
        end(() =>
          look === undefined
            ? reject(new Error(error))
            : resolve({ ...look, flows: new Map(look.flows) }),
        );
      this.#waiting.set(ask, { take, timer });
      others.publish({ ask, host, keys: [...keys] } satisfies Question);
    });
  }

  async #answer({ ask: answer, host, keys }: Question): Promise<void> {
    const { owns, look, others } = this.#options;
    if (!owns(host)) return;
    const tell = (told: Answer): void => others.publish(told);
    try {
      const { flows, tables, pending } = await look(host, keys);
      tell({ answer, look: { flows: [...flows], tables, pending } });
    } catch (error) {
      tell({ answer, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
