/** Which language model to ask, and how. */
export interface ModelSettings {
  /** Of the API, without a slash at its end: `/chat/completions` comes after it. */
  baseUrl: string;
  /** Absent for servers that want none. Never in a log, an event or a span. */
  apiKey?: string;
  /** As the server names it. */
  model: string;
  /** How long one completion may take as a whole. */
  timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** A run has five minutes, of which the tools need some. */
const TIMEOUT_MS = { least: 1000, most: 240_000 };
const LONGEST_NAME = 200;

/**
 * The settings of the model engine: undefined when nothing asks for a model. Half of them is a fault, since answering without
 * a model that somebody asked for would be a substitute nobody is told about.
 */
export function readModelSettings(env: NodeJS.ProcessEnv): { settings?: ModelSettings; faults: string[] } {
  const [baseUrl, apiKey, model, timeout] = [
    env['OPENAI_BASE_URL'] || undefined,
    env['OPENAI_API_KEY'] || undefined,
    env['MODEL'] || undefined,
    env['MODEL_TIMEOUT_MS'] || undefined,
  ];
  // Many have this key in their environment for other programs, and it alone says neither which model nor where.
  if (baseUrl === undefined && model === undefined && timeout === undefined) return { faults: [] };
  const faults = [
    ...faultsOfUrl(baseUrl),
    ...faultsOfModel(model),
    ...faultsOfKey(apiKey),
    ...faultsOfTimeout(timeout),
  ];
  if (faults.length > 0 || baseUrl === undefined || model === undefined) return { faults };
  const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : Number(timeout);
  const settings = { baseUrl: baseUrl.replace(/\/+$/, ''), model, timeoutMs };
  return { settings: { ...settings, ...(apiKey === undefined ? {} : { apiKey }) }, faults };
}

function faultsOfUrl(text: string | undefined): string[] {
  if (text === undefined) {
    return ['OPENAI_BASE_URL is missing: it says where the language model is, such as https://api.openai.com/v1.'];
  }
  // What may be a secret is not repeated.
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return ['OPENAI_BASE_URL must be an http or https URL, such as https://api.openai.com/v1.'];
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return ['OPENAI_BASE_URL must have no user, password, query or fragment: a key belongs into OPENAI_API_KEY.'];
  }
  return [];
}

function faultsOfModel(text: string | undefined): string[] {
  if (text === undefined) return ['MODEL is missing: it names the language model to ask at OPENAI_BASE_URL.'];
  if (text.length > LONGEST_NAME || !/^[\x21-\x7e]+$/.test(text)) {
    return [`MODEL must be a name of at most ${LONGEST_NAME} visible ASCII characters without spaces.`];
  }
  return [];
}

function faultsOfKey(text: string | undefined): string[] {
  // Else no request could be made, and the error of the HTTP client would quote the key.
  if (text === undefined || /^[\x21-\x7e]+$/.test(text)) return [];
  return ['OPENAI_API_KEY must be visible ASCII characters without spaces or line ends.'];
}

function faultsOfTimeout(text: string | undefined): string[] {
  const { least, most } = TIMEOUT_MS;
  if (text === undefined) return [];
  if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return [];
  return [`MODEL_TIMEOUT_MS must be a whole number of milliseconds from ${least} to ${most}, found "${text}".`];
}
