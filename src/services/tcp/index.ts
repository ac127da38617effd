/** TCP for those who are called, as pure functions of segments and time. */
export { TcpConnection } from './connection.ts';
export {
  mssOf,
  readTcpFrame,
  type TcpEnds,
  type TcpFrame,
  writeTcpFrame,
} from './frame.ts';
export { answerCaller, refuse } from './handshake.ts';
