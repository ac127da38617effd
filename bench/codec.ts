/** Encoding and decoding of OpenFlow messages, in messages a second. */
import { compileHost } from '../src/compiler/index.ts';
import { decodeMessage, encodeFlowMod, encodeMessage } from '../src/openflow/index.ts';
import type { Bench } from './report.ts';
import { rate } from './report.ts';
import { makeWorld } from './world.ts';

export const codec: Bench = {
  name: 'codec',
  async run() {
    const topology = makeWorld({ hosts: 2, ports: 200, onFirst: 100 });
    const flows = [...compileHost(topology, 'host-0').values()].flatMap((unit) => unit.flows);
    const raw = flows.map((flow, xid) =>
      encodeFlowMod({ ...flow, command: 'OFPFC_ADD', tableId: flow.table }, xid),
    );
    const messages = raw.map((bytes) => decodeMessage(bytes).message);
    return [
      {
        name: 'encode flow mods from objects (match, instructions, header)',
        value:
          rate(() => messages.forEach((message, xid) => encodeMessage(message, xid))) * raw.length,
        unit: 'messages/s',
      },
      {
        name: 'encode flow mods from compiled bytes',
        value:
          rate(() =>
            flows.forEach((flow, xid) =>
              encodeFlowMod({ ...flow, command: 'OFPFC_ADD', tableId: flow.table }, xid),
            ),
          ) * raw.length,
        unit: 'messages/s',
      },
      {
        name: 'decode flow mods to objects',
        value: rate(() => raw.forEach((bytes) => decodeMessage(bytes))) * raw.length,
        unit: 'messages/s',
      },
    ];
  },
};
