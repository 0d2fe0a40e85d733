import { conformanceOn } from './conformance-on.ts';

conformanceOn('standalone with TLS of a private CA');
