/**
 * Goal: a subport costs what a port does and two flows more, comes in by its tag alone, and leaves by
 * the wire of its parent.
 * Method: units of a small topology as ovs-ofctl text; frames with tags through the simulator.
 */
import { describe, expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, compileUnit, DesiredState } from '../../../src/compiler/index.ts';
import { TABLE_NAMES } from '../../../src/pipeline/index.ts';
import { inVlan, type PacketFields, SwitchModel } from '../../../src/simulator/index.ts';
import type { AnyRecord, RecordKey } from '../../../src/topology/index.ts';
import { flowLine } from '../../support/world-text.ts';

const OPEN = { port_security_enabled: false };
const portIn = (id: string, net: string, last: number) =>
  port(id, { network: net, mac: `02:00:00:00:00:0${last}`, ips: [`10.0.0.${last}`] }, OPEN);
const wire = (ofport: number, vlan: number) => ({ wire: { ofport, vlan } });

/** Two wires: parents at 1 and 2, subports with the numbers 51 to 53. */
const TOPOLOGY = topologyOf(
  new Map<RecordKey, AnyRecord>([
    ['host/h', host('h', '198.18.0.1')],
    ['network/plain', network('plain', 7)],
    ['network/blue', network('blue', 8)],
    ['port/parent', portIn('parent', 'plain', 1)],
    ['port/other', portIn('other', 'plain', 2)],
    ['port/one', portIn('one', 'blue', 3)],
    ['port/two', portIn('two', 'blue', 4)],
    ['port/away', portIn('away', 'blue', 5)],
    ['binding/parent', binding('parent', 'h', 1)],
    ['binding/other', binding('other', 'h', 2)],
    ['binding/one', { ...binding('one', 'h', 51), ...wire(1, 11) }],
    ['binding/two', { ...binding('two', 'h', 52), ...wire(1, 12) }],
    ['binding/away', { ...binding('away', 'h', 53), ...wire(2, 13) }],
  ]),
);

function flowsOf(portId: string): string[] {
  const unit = compileUnit(TOPOLOGY, 'h', `local-port/${portId}`);
  return (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
}

test('a subport comes in by its tag and leaves with it', () => {
  expect(flowsOf('one')).toEqual(
    expect.arrayContaining([
      'table=Classifier, priority=100,in_port=1,dl_vlan=11 actions=pop_vlan,set_field:0->in_port,set_field:0x8->metadata,set_field:0x33->reg14,set_field:0x33/0xffff->reg10,goto_table:PortSecurityEth',
      'table=Output, priority=300,reg14=0x33,reg15=0x33 actions=drop',
      'table=Output, priority=200,reg15=0x33 actions=push_vlan:0x8100,set_field:4107->vlan_vid,set_field:0->in_port,output:1',
    ]),
  );
});

test('a subport has two flows more than a port', () => {
  expect(flowsOf('one').length - flowsOf('parent').length).toBe(2);
});

describe('a frame', () => {
  const state = new DesiredState();
  state.apply(compileHost(TOPOLOGY, 'h'));
  const model = new SwitchModel(state);
  const frame = (eth_src: number, eth_dst: number): PacketFields => ({
    eth_src: 0x0200_0000_0000 + eth_src,
    eth_dst: eth_dst === 0 ? 0xffff_ffff_ffff : 0x0200_0000_0000 + eth_dst,
    eth_type: 0x88b5,
  });
  /** Where copies leave, as `port.vlan`. */
  const leaving = (packet: PacketFields, at: number): string[] =>
    model
      .run(packet, at)
      .outputs.map(({ port, packet: { vlan_vid = 0 } }) => `${port}.${vlan_vid & 0xfff}`)
      .sort();

  test('goes from one VLAN of a wire to another, and does not come back', () => {
    expect(leaving(inVlan(frame(3, 4), 11), 1)).toEqual(['1.12']);
    expect(leaving(inVlan(frame(3, 0), 11), 1)).toEqual(['1.12', '2.13']);
    expect(leaving(inVlan(frame(3, 3), 11), 1)).toEqual([]);
  });

  test("without a tag is the parent's", () => {
    expect(leaving(frame(1, 0), 1)).toEqual(['2.0']);
  });

  test.each([
    ['in a VLAN that nobody has', inVlan(frame(3, 0), 99)],
    ['in a VLAN of another wire', inVlan(frame(5, 0), 13)],
    ['with a tag that names no VLAN', { ...frame(3, 0), vlan_vid: 0x1000 }],
    ['with a second tag', inVlan(inVlan(frame(3, 0), 13), 11)],
  ])('%s goes nowhere', (_, packet) => {
    expect(leaving(packet, 1)).toEqual([]);
  });
});
