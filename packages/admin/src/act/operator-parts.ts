import type { Catalog } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { SurveyOfRedis } from '../view/survey-view.ts';
import type { Holds } from './holds.ts';

/** What the actions need. */
export type OperatorParts = {
  broker: Pick<Broker, 'ledger' | 'wakeUps' | 'operations' | 'webhooks' | 'members' | 'timelines'>;
  catalog: () => { catalog: Catalog; digest: string };
  holds: Holds;
  /** What there is to say about its Redis. @throws BrokerUnavailable */
  survey: () => Promise<SurveyOfRedis>;
  logger: Logger;
};
