import type { Failure } from '@reveille/contracts';

/** What failed, in one line above the cause. */
export function failureTitle({ code, name }: Failure): string {
  switch (code) {
    case 'cancelled':
      return 'You stopped waiting';
    case 'deadline_exceeded':
      return 'The start took too long';
    case 'broker_unavailable':
      return 'Nothing can be started at the moment';
    case 'maintenance':
      return `${name} is down for maintenance`;
    case 'upstream_refused':
    case 'upstream_unproven':
    case 'inauthentic_response':
      return `${name} cannot be used`;
    default:
      return `${name} could not be started`;
  }
}

/** What happened, of the message of a failure: when to try again is counted down beside it, and the message would soon be wrong. */
export function causeWords(message: string): string {
  return message.replace(/ You can try again .*$/, '');
}

const phases: Record<string, string> = {
  waiting: 'waiting for what it needs',
  queued: 'waiting for its turn',
  starting: 'starting',
  probing: 'being checked for readiness',
};

/** The phase in which it failed, to follow "failed while". */
export function phaseWords(phase: string): string {
  return phases[phase] ?? phase.replaceAll('_', ' ');
}
