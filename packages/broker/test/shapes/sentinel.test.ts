import { conformanceOn } from './conformance-on.ts';

conformanceOn('Sentinel');
