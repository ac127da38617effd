/**
 * Goal: conjunctions, ct and resubmissions lead where they lead in Open vSwitch.
 * Method: a few flows for each rule of ovs-fields(7) and ovs-actions(7), as `ovs-ofctl` reads them.
 */
import { describe, expect, test } from 'vitest';
import { type PacketFields, SwitchModel } from '../../../src/simulator/index.ts';
import { stateFromText } from '../../support/flow-text.ts';

function run(flows: readonly string[], packet: PacketFields = {}, groups: string[] = []) {
  return new SwitchModel(stateFromText(flows, groups)).run(packet, 1);
}

function portsOf(...given: Parameters<typeof run>): number[] {
  return run(...given).outputs.map(({ port }) => port);
}

describe('conjunction', () => {
  const parts = [
    'priority=5,reg0=1,actions=conjunction(7,1/3),conjunction(8,1/2)',
    'priority=5,reg1=1,actions=conjunction(7,2/3)',
    'priority=5,reg1=2,actions=conjunction(7,2/3)',
    'priority=5,reg2=1,actions=conjunction(7,3/3)',
    'priority=5,reg3=1,actions=conjunction(8,2/2)',
  ];
  const flows = [
    ...parts,
    'priority=5,conj_id=7,actions=output:7',
    'priority=5,conj_id=8,actions=output:8',
    'priority=1,actions=output:9',
  ];

  test('matches when each of its dimensions does', () => {
    expect(portsOf(flows, { reg0: 1, reg1: 1, reg2: 1 })).toEqual([7]);
    expect(portsOf(flows, { reg0: 1, reg1: 2, reg2: 1 })).toEqual([7]);
    expect(portsOf(flows, { reg0: 1, reg1: 2 })).toEqual([9]);
    expect(portsOf(flows, { reg0: 1, reg1: 2, reg3: 1 })).toEqual([8]);
  });

  test('is no match by itself, and gives way to a flow of a higher priority', () => {
    expect(portsOf(parts, { reg0: 1 })).toEqual([]);
    const above = 'priority=6,reg0=1,actions=output:6';
    expect(portsOf([...flows, above], { reg0: 1, reg1: 1, reg2: 1 })).toEqual([6]);
  });

  test('takes all dimensions from one priority', () => {
    const split = [
      ...flows.filter((flow) => !flow.includes('reg2')),
      'priority=6,reg2=1,actions=conjunction(7,3/3)',
    ];
    expect(portsOf(split, { reg0: 1, reg1: 1, reg2: 1 })).toEqual([9]);
  });

  test('that fails leaves the match to a flow of the same match below', () => {
    const below = 'priority=4,reg0=1,actions=output:4';
    expect(portsOf([...flows, below], { reg0: 1 })).toEqual([4]);
  });

  test('may end in more than one flow, which match more than its number', () => {
    const ends = [
      ...parts,
      'priority=5,conj_id=7,tcp,actions=output:6',
      'conj_id=7,udp,actions=output:17',
    ];
    const packet = { reg0: 1, reg1: 1, reg2: 1, eth_type: 0x0800 };
    expect(portsOf(ends, { ...packet, ip_proto: 17 })).toEqual([17]);
    expect(portsOf(ends, { ...packet, ip_proto: 6 })).toEqual([6]);
  });

  test('leaves no number behind', () => {
    const after = [
      ...parts,
      'conj_id=7,actions=resubmit(,1)',
      'table=1,conj_id=0,actions=output:1',
    ];
    const steps = run(after, { reg0: 1, reg1: 1, reg2: 1 }).steps;
    expect(steps.at(-1)?.flow).toBeDefined();
  });
});

describe('ct', () => {
  const udp = { eth_type: 0x0800, ip_proto: 17, ip_src: 1, ip_dst: 2, udp_src: 3, udp_dst: 4 };

  test('with a table sends a copy on; the packet itself goes on untracked', () => {
    const flows = [
      'table=0,ip,actions=ct(table=1,zone=9),set_field:1->reg0,resubmit(,1)',
      'table=1,ct_state=+new+trk,ct_zone=9,reg0=0,actions=output:2',
      'table=1,ct_state=-trk,ct_zone=0,reg0=1,actions=output:3',
    ];
    expect(portsOf(flows, udp)).toEqual([2, 3]);
  });

  test('in a table that was resubmitted to leaves the packet untracked to the caller', () => {
    const flows = [
      'table=0,ip,actions=ct(table=1)',
      'table=1,ip,actions=resubmit(,2),resubmit(,3)',
      'table=2,ip,actions=ct(commit,zone=4)',
      'table=3,ct_state=-trk,actions=output:3',
    ];
    expect(portsOf(flows, udp)).toEqual([3]);
  });

  test('keeps registers, and not what the copy changes', () => {
    const flows = [
      'table=0,ip,actions=set_field:0x100000002->xreg1,ct(table=1),output:NXM_NX_REG2[]',
      'table=1,xreg1=0x100000002,actions=set_field:5->reg2,output:NXM_NX_REG3[]',
    ];
    expect(run(flows, { ...udp, in_port: 9 }).outputs.map(({ port }) => port)).toEqual([2]);
  });

  test('ct_clear makes the packet untracked', () => {
    const flows = [
      'table=0,ip,actions=ct(table=1)',
      'table=1,ip,actions=ct_clear,resubmit(,2)',
      'table=2,ct_state=-trk,actions=output:2',
    ];
    expect(portsOf(flows, udp)).toEqual([2]);
  });

  test('of a packet that comes by again counts once', () => {
    const flows = [
      'table=0,ip,actions=ct(commit,table=1)',
      'table=1,ct_state=+new+trk,ip,actions=ct(table=2)',
      'table=2,ct_state=+new+trk,actions=output:2',
    ];
    expect(portsOf(flows, udp)).toEqual([2]);
  });
});

describe('resubmit', () => {
  test('returns to the list that it stands in, also from a goto_table', () => {
    const flows = [
      'table=0,actions=resubmit(,1),output:5',
      'table=1,actions=set_field:1->reg0,goto_table:2',
      'table=2,reg0=1,actions=output:4',
    ];
    expect(portsOf(flows)).toEqual([4, 5]);
  });

  test('is counted for each translation by itself, and so is goto_table', () => {
    const flows = [
      'table=0,ip,actions=resubmit(,1),resubmit(,1),ct(table=2),goto_table:3',
      'table=2,actions=resubmit(,3)',
    ];
    expect(run(flows, { eth_type: 0x0800 }).resubmits).toBe(3);
    expect(run(['actions=drop']).resubmits).toBe(0);
  });

  test('forwards is not deep, back or in place is: without end it is an error', () => {
    const forwards = Array.from(
      { length: 100 },
      (_, i) => `table=${i},actions=goto_table:${i + 1}`,
    );
    expect(run(forwards).resubmits).toBe(100);
    expect(() => run(['actions=resubmit(,0)'])).toThrow('the pipeline ends');
    const doubling = Array.from(
      { length: 13 },
      (_, i) => `table=${i},actions=resubmit(,${i + 1}),resubmit(,${i + 1})`,
    );
    expect(() => run(doubling)).toThrow('4096');
  });
});

test('a bucket is an action set: one action ends it, and it changes the packet before', () => {
  const group = [
    'group_id=1,type=all',
    'bucket=bucket_id:1,actions=output:2,output:3,set_field:00:00:00:00:00:05->eth_dst',
    'bucket=bucket_id:2,actions=set_field:5->reg1',
    'bucket=bucket_id:3,actions=output:4,resubmit(,1)',
  ].join();
  const flows = ['actions=group:1', 'table=1,actions=output:9'];
  expect(run(flows, {}, [group]).outputs).toMatchObject([
    { port: 3, packet: { eth_dst: 5 } },
    { port: 4 },
  ]);
});
