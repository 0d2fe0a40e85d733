import { DriverError, renderTemplate, type StartRequest } from '@reveille/orchestration';

/** Fills in the variables of a text. @throws DriverError when one has no value. */
export type Render = (text: string) => string;

export function createRender(
  request: Pick<StartRequest, 'values'>,
  port: number | undefined,
  secrets?: ReadonlyMap<string, string>,
): Render {
  const values = { ...request.values, port, secrets };
  return (text) => {
    const rendered = renderTemplate(text, values);
    if (typeof rendered === 'string') return rendered;
    throw new DriverError('driver_error', `"${text}" names {${rendered.unknown}}, which has no value here`);
  };
}
