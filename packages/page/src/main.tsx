import { render } from 'preact';
import { describePage } from './session/visit.ts';
import { Page } from './view/page.tsx';
import { Unreachable } from './view/unreachable.tsx';
import './style/colours.css';
import './style/frame.css';
import './style/start.css';
import './style/conversation.css';
import './style/result.css';

const place = document.getElementById('page');
if (place === null) throw new Error('the document has no place for the page');

try {
  const description = await describePage();
  render(<Page description={description} />, place);
} catch (error) {
  render(<Unreachable why={error instanceof Error ? error.message : String(error)} />, place);
}
