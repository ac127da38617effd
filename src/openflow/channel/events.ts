/** Typed callbacks for what a switch says unasked. */
import type {
  FlowRemoved,
  Message,
  PacketIn,
  PacketIn2,
  PortStatus,
  RoleStatus,
} from '../messages/index.ts';
import type { OpenFlowError } from './errors.ts';

export interface EventHandlers {
  packetIn: (message: PacketIn | PacketIn2) => void;
  portStatus: (message: PortStatus) => void;
  flowRemoved: (message: FlowRemoved) => void;
  /** Another controller took the master role, or lost it. */
  roleStatus: (message: RoleStatus) => void;
  /** The switch refused something that was sent without waiting for an answer. */
  refused: (error: OpenFlowError) => void;
  /** Once, with the reason; also when it is registered after the end. */
  close: (reason: string) => void;
}

export type EventName = keyof EventHandlers;

type HandlerSets = { readonly [N in EventName]: Set<EventHandlers[N]> };

/** Which message is which event. */
const EVENT_OF = {
  OFPT_PACKET_IN: 'packetIn',
  NXT_PACKET_IN2: 'packetIn',
  OFPT_PORT_STATUS: 'portStatus',
  OFPT_FLOW_REMOVED: 'flowRemoved',
  OFPT_ROLE_STATUS: 'roleStatus',
} as const;

export class ChannelEvents {
  readonly #handlers: HandlerSets = {
    packetIn: new Set(),
    portStatus: new Set(),
    flowRemoved: new Set(),
    roleStatus: new Set(),
    refused: new Set(),
    close: new Set(),
  };

  /** Gives the function that takes the handler away again. */
  on<N extends EventName>(name: N, handler: EventHandlers[N]): () => void {
    const handlers: Set<EventHandlers[N]> = this.#handlers[name];
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  emit<N extends EventName>(name: N, value: Parameters<EventHandlers[N]>[0]): void {
    const handlers: Set<EventHandlers[N]> = this.#handlers[name];
    for (const handler of handlers) (handler as (value: unknown) => void)(value);
  }

  /** Hands a message to its event; false when it is none that a switch sends unasked. */
  dispatch(message: Message): boolean {
    if (!(message.type in EVENT_OF)) return false;
    const name = EVENT_OF[message.type as keyof typeof EVENT_OF];
    this.emit(name, message as never);
    return true;
  }

  clear(): void {
    for (const handlers of Object.values(this.#handlers)) handlers.clear();
  }
}
