/**
 * Goal: the rows of the fields are sound, and matches said in other ways become the canonical
 * ones that a switch dumps.
 * Method: the table against itself; matches by hand, of which vectors do not speak because
 * ovs-ofctl cannot say them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  canonicalMatch,
  encodeConditions,
  FIELDS,
  fieldByText,
  fieldOf,
  matchBytes,
  matchFromBytes,
} from '../../../../src/openflow/oxm/index.ts';
import { Writer } from '../../../../src/openflow/wire/index.ts';
import { anyMatch } from '../../../support/flow-arbitrary.ts';

test('no two fields share a header, a name or a place', () => {
  const exact = FIELDS.map(({ oxm }) => `${oxm.exact}/${oxm.experimenter ?? ''}`);
  expect(new Set(exact).size).toBe(FIELDS.length);
  expect(new Set(FIELDS.map(({ text }) => text)).size).toBe(FIELDS.length);
  expect(FIELDS.map(({ order }) => order)).toEqual(FIELDS.map((_, i) => i));
});

test('every field is found by its name, its text and both its headers', () => {
  for (const field of FIELDS) {
    expect(fieldOf(field.name)).toBe(field);
    for (const spelling of [field.text, field.oxm.name, field.nxm.name, ...field.aka]) {
      expect(fieldByText(spelling)).toBe(field);
    }
  }
});

test('wide fields have bigint values, all others numbers', () => {
  for (const { bits, wide, max } of FIELDS) {
    expect(wide).toBe(bits > 48);
    expect(typeof max).toBe(wide ? 'bigint' : 'number');
  }
});

test('the order in which a match is said does not change its bytes', () => {
  const one = { reg1: 2, eth_type: 0x0800, in_port: 1, ip_dst: 5 };
  const other = { ip_dst: 5, in_port: 1, eth_type: 0x0800, reg1: 2 };
  expect(matchBytes(one)).toEqual(matchBytes(other));
});

const knownMatch = anyMatch.filter(({ unknown }) => unknown === undefined);

test('conditions given apart are those of one match; of one field the last counts', () => {
  fc.assert(
    fc.property(fc.array(knownMatch, { maxLength: 4 }), (conditions) => {
      const writer = new Writer();
      encodeConditions(writer, conditions);
      expect(writer.take()).toEqual(matchBytes(Object.assign({}, ...conditions)));
    }),
  );
});

test('a mask of all ones is exact, and one of no bits says nothing', () => {
  const said = {
    ip_dst: { value: 5, mask: 0xffff_ffff },
    metadata: { value: 0n, mask: 0n },
    reg3: { value: 0, mask: 0 },
    eth_type: 0x0800,
  };
  expect(matchBytes(said)).toEqual(matchBytes({ ip_dst: 5, eth_type: 0x0800 }));
  expect(canonicalMatch(said)).toEqual({ ip_dst: 5, eth_type: 0x0800 });
});

test('Nicira headers of older switches are understood', () => {
  const nxmEthType = Buffer.from('0001000a00000602080000000000000000', 'hex').subarray(0, 16);
  expect(matchFromBytes(nxmEthType)).toEqual({ eth_type: 0x0800 });
  const onfTcpFlags = Buffer.from('0001000effff54064f4e460000120000', 'hex');
  expect(matchFromBytes(onfTcpFlags)).toEqual({ tcp_flags: 0x12 });
  const nxmLocalPort = Buffer.from('0001000a00000002fffe000000000000', 'hex');
  expect(matchFromBytes(nxmLocalPort)).toEqual({ in_port: 0xffff_fffe });
  const experimenterDpHash = Buffer.from('00010010ffff00080000232000000001', 'hex');
  expect(matchFromBytes(experimenterDpHash)).toEqual({ dp_hash: 1 });
});

test('Ethernet packets are what a match is about, unless nothing else says so', () => {
  expect(canonicalMatch({ packet_type: 0, eth_type: 0x0800 })).toEqual({ eth_type: 0x0800 });
  expect(canonicalMatch({ packet_type: 0, reg0: 1 })).toEqual({ packet_type: 0, reg0: 1 });
  const said = matchBytes({ packet_type: 0, eth_dst: 1 });
  expect(said).toEqual(matchBytes({ eth_dst: 1 }));
});

test('a value that is too large, or outside its mask, is our own mistake', () => {
  expect(() => matchBytes({ ip_dscp: 64 })).toThrow('ip_dscp cannot be 64');
  expect(() => matchBytes({ eth_dst: { value: 3, mask: 1 } })).toThrow('eth_dst cannot be 3/1');
  expect(() => matchBytes({ reg0: { value: 3, mask: 1 } })).toThrow('reg0 has bits outside');
  expect(() => matchBytes({ reg0: 2 ** 32 })).toThrow('reg0 cannot be');
  expect(() => matchBytes({ tun_id: 1n << 64n })).toThrow('tun_id cannot be');
});

test('a condition on what is no field is our own mistake, and never left out', () => {
  const match = { ip_proto: 1, icmpv4_type: 8 };
  expect(() => matchBytes(match)).toThrow('no match has a field icmpv4_type');
  expect(() => canonicalMatch(match)).toThrow('no match has a field icmpv4_type');
});
