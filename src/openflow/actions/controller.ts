/** Sending a packet to the controllers, in Nicira's two forms. */
import { OFPCML, OFPR } from '../constants.ts';
import type { Reader, Writer } from '../wire/index.ts';
import { type ActionRow, beginNicira, defineAction, exactly, finish, padding } from './registry.ts';
import type { ControllerAction } from './types.ts';

const NXAST_CONTROLLER = 20;
const NXAST_CONTROLLER2 = 37;

/** Properties of NXAST_CONTROLLER2, each padded to a multiple of 8 bytes. */
const NXAC2PT = {
  MAX_LEN: 0,
  CONTROLLER_ID: 1,
  REASON: 2,
  USERDATA: 3,
  PAUSE: 4,
  METER_ID: 5,
} as const;

/** A property's header: type and length. */
const PROPERTY_HEADER = 4;

type MutableController = { -readonly [K in keyof ControllerAction]: ControllerAction[K] };

const controller = defineAction<ControllerAction>({
  type: 'controller',
  forms: [
    { name: 'NXAST_CONTROLLER', nicira: NXAST_CONTROLLER, decode: decodeController },
    { name: 'NXAST_CONTROLLER2', nicira: NXAST_CONTROLLER2, decode: decodeController2 },
  ],
  encode: (writer, action) => {
    const { userdata, pause, meterId } = action;
    if (userdata === undefined && !pause && meterId === undefined) encodeShort(writer, action);
    else encodeLong(writer, action);
  },
});

function encodeShort(writer: Writer, action: ControllerAction): void {
  const start = beginNicira(writer, NXAST_CONTROLLER);
  writer.u16(action.maxLength ?? OFPCML.NO_BUFFER);
  writer.u16(action.controllerId ?? 0);
  writer.u8(action.reason ?? OFPR.APPLY_ACTION);
  writer.u8(0);
  finish(writer, start);
}

/** The properties stand in the order of their types, as Open vSwitch writes them. */
function encodeLong(writer: Writer, action: ControllerAction): void {
  const { maxLength, controllerId, reason, userdata, pause, meterId } = action;
  const start = beginNicira(writer, NXAST_CONTROLLER2);
  writer.zero(6);
  if (maxLength !== undefined) property(writer, NXAC2PT.MAX_LEN, (w) => padded16(w, maxLength));
  if (controllerId !== undefined) {
    property(writer, NXAC2PT.CONTROLLER_ID, (w) => padded16(w, controllerId));
  }
  if (reason !== undefined) property(writer, NXAC2PT.REASON, (w) => w.u8(reason));
  if (userdata !== undefined) property(writer, NXAC2PT.USERDATA, (w) => w.bytes(userdata));
  if (pause) property(writer, NXAC2PT.PAUSE, () => {});
  if (meterId !== undefined) property(writer, NXAC2PT.METER_ID, (w) => w.u32(meterId));
  finish(writer, start);
}

/** Properties of 16 bits count two bytes of padding in their length, unlike those of 8 bits. */
function padded16(writer: Writer, value: number): void {
  writer.u16(value);
  writer.u16(0);
}

/** The length of a property does not count the padding that makes it a multiple of 8 bytes. */
function property(writer: Writer, type: number, write: (writer: Writer) => void): void {
  const start = writer.length;
  writer.u16(type);
  writer.u16(0);
  write(writer);
  writer.patchU16(start + 2, writer.length - start);
  writer.align8(start);
}

function decodeController(body: Reader): ControllerAction {
  exactly(body, 6);
  const action: MutableController = { type: 'controller' };
  setMaxLength(action, body.u16());
  setControllerId(action, body.u16());
  setReason(action, body.u8());
  body.skip(1);
  return action;
}

function decodeController2(body: Reader): ControllerAction {
  body.skip(6);
  const action: MutableController = { type: 'controller' };
  while (body.remaining >= PROPERTY_HEADER) readProperty(body, action);
  padding(body);
  return action;
}

function readProperty(body: Reader, action: MutableController): void {
  const type = body.u16();
  const length = body.u16();
  if (length < PROPERTY_HEADER) throw body.error('a property of at least 4 bytes', length);
  const value = body.window(length - PROPERTY_HEADER);
  body.skip((8 - (length & 7)) & 7);
  const read = PROPERTIES.get(type);
  if (read === undefined) throw body.error('a property of controller', type);
  read(action, value);
  padding(value);
}

const PROPERTIES = new Map<number, (action: MutableController, value: Reader) => void>([
  [NXAC2PT.MAX_LEN, (action, value) => setMaxLength(action, value.u16())],
  [NXAC2PT.CONTROLLER_ID, (action, value) => setControllerId(action, value.u16())],
  [NXAC2PT.REASON, (action, value) => setReason(action, value.u8())],
  [NXAC2PT.USERDATA, (action, value) => setUserdata(action, value)],
  [
    NXAC2PT.PAUSE,
    (action) => {
      action.pause = true;
    },
  ],
  [
    NXAC2PT.METER_ID,
    (action, value) => {
      action.meterId = value.u32();
    },
  ],
]);

function setMaxLength(action: MutableController, maxLength: number): void {
  if (maxLength !== OFPCML.NO_BUFFER) action.maxLength = maxLength;
}

function setControllerId(action: MutableController, controllerId: number): void {
  if (controllerId !== 0) action.controllerId = controllerId;
}

function setReason(action: MutableController, reason: number): void {
  if (reason !== OFPR.APPLY_ACTION) action.reason = reason;
}

function setUserdata(action: MutableController, value: Reader): void {
  if (value.remaining > 0) action.userdata = value.bytes(value.remaining);
}

export const CONTROLLER_ACTIONS: readonly ActionRow[] = [controller];
