import { conformanceOn } from './conformance-on.ts';

conformanceOn('Sentinel with TLS and passwords');
