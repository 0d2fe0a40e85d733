export { problemBody, type ProblemCode } from './http/problem.ts';
export { openapiDocument, type OpenapiDocument } from './openapi/document.ts';
export { adminRoutes } from './routes.ts';
export { type Admin, type AdminOptions, startAdmin } from './start-admin.ts';
export type { InstanceView } from './view/instance-view.ts';
export type { PlanView } from './view/plan-view.ts';
export { type Stuck, stuckAmong, type SurveyOfRedis, type SurveyView } from './view/survey-view.ts';
