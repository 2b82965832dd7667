// What the pages that a link leads to have in common: the link's token is all that lets anybody in.

import { Link } from '../router';
import { Notice } from './notice';
import { StandAlone } from './shell';

export interface LinkPageProperties {
  /** Empty without a link. */
  token: string;
  /** The server has signed them in. */
  onEntered: () => void;
}

export function LinkNotWhole({ title }: { title: string }) {
  return (
    <StandAlone title={title}>
      <Notice look="warning">
        <p>
          The link was not copied whole, or this page was reloaded. Open the link again as you got
          it.
        </p>
      </Notice>
      <Link href="/sign-in">Sign in instead</Link>
    </StandAlone>
  );
}
