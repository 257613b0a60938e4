// A Failure is an error that a reader is told of. Its kind is the name of a text, such
// as "offline".
export class Failure extends Error {
  constructor(kind, details = {}) {
    super(kind);
    const { message: reason, ...others } = details; // message is a property of all errors
    Object.assign(this, { kind, reason, ...others });
  }
}
