/** Encoding and decoding of OpenFlow messages, in messages a second. */
import { compileHost } from '../src/compiler/index.ts';
import {
  decodeMessage,
  encodeFlowMod,
  encodeMessage,
  type RawFlowMod,
} from '../src/openflow/index.ts';
import type { Bench } from './report.ts';
import { rate } from './report.ts';
import { makeWorld } from './world.ts';

export const codec: Bench = {
  name: 'codec',
  async run() {
    const topology = makeWorld({ hosts: 2, ports: 200, onFirst: 100 });
    const flows = [...compileHost(topology, 'host-0').values()].flatMap((unit) => unit.flows);
    const raw = flows.map(({ message }) => message);
    const parts = flows.map(({ table, priority, cookie, match, instructions }): RawFlowMod => {
      return { command: 'OFPFC_ADD', tableId: table, priority, cookie, match, instructions };
    });
    const messages = raw.map((bytes) => decodeMessage(bytes).message);
    const timesASecond = (work: () => void): number => rate(work) * raw.length;
    return [
      {
        name: 'encode flow mods from objects (match, instructions, header)',
        value: timesASecond(() => messages.forEach((message, xid) => encodeMessage(message, xid))),
        unit: 'messages/s',
      },
      {
        name: 'encode flow mods from compiled bytes',
        value: timesASecond(() => parts.forEach((flow, xid) => encodeFlowMod(flow, xid))),
        unit: 'messages/s',
      },
      {
        name: 'decode flow mods to objects',
        value: timesASecond(() => raw.forEach((bytes) => decodeMessage(bytes))),
        unit: 'messages/s',
      },
    ];
  },
};
