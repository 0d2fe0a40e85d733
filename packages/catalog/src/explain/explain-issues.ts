import { entrypoint, service } from '@reveille/contracts';
import { pathText } from '../yaml/source-map.ts';
import { valueAt } from './describe-value.ts';
import { explainIssue, type SchemaFault } from './explain-issue.ts';

type Issues = readonly Parameters<typeof explainIssue>[0][];

/** All faults of the schema in words, each mistake once. `value` is the catalog as it was read. */
export function explainIssues(issues: Issues, value: unknown): SchemaFault[] {
  const faults = issues.flatMap((issue) => {
    const explained = explainIssue(issue, value);
    if (issue.code !== 'invalid_key' || issue.path.length !== 2) return explained;
    // The schema does not look into a service or entrypoint whose name is wrong.
    const path = issue.path.map(String);
    const within = (path[0] === 'services' ? service : entrypoint).safeParse(valueAt(value, path));
    return [...explained, ...(within.error?.issues ?? []).flatMap((inner) => explainIssue(inner, value, path))];
  });
  return withoutEchoes(faults);
}

/** A misspelt key is one mistake: that the key it stands for is missing (`path`), or none of several is there (`start`), is its echo. */
function withoutEchoes(faults: SchemaFault[]): SchemaFault[] {
  const echoes = new Set(
    faults.flatMap(({ path, meant }) => {
      if (meant === undefined) return [];
      const around = path.slice(0, -1);
      return [`${pathText([...around, meant])}: nothing`, `${pathText(around)}: none`];
    }),
  );
  return faults.filter(({ path, found }) => !echoes.has(`${pathText(path)}: ${found}`));
}
