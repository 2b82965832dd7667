import { useState } from 'preact/hooks';
import { api } from '../api';
import { Button } from '../components/button';
import { LinkNotWhole, type LinkPageProperties } from '../components/link-page';
import { ErrorNotice } from '../components/notice';
import { PasswordField } from '../components/password-field';
import { StandAlone } from '../components/shell';
import { useAction } from '../loading';
import { Link } from '../router';

export function PasswordPage({ token, onEntered }: LinkPageProperties) {
  const [password, setPassword] = useState('');
  const action = useAction(async () => {
    await api.passwords.set(token, password);
    onEntered();
  });
  if (!token) {
    return <LinkNotWhole title="Set your password" />;
  }
  const error = action.error;
  const isBeside = error?.parameter === 'password';
  return (
    <StandAlone
      title="Set your password"
      description="The link works once. You are signed in afterwards; elsewhere you are signed out."
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run();
        }}
      >
        <PasswordField
          label="New password"
          isNew
          value={password}
          onValue={setPassword}
          error={isBeside ? error.message : undefined}
        />
        {error && !isBeside && <ErrorNotice error={error} />}
        <Button type="submit" look="primary" isBusy={action.isBusy}>
          Set password
        </Button>
      </form>
      {error && <Link href="/sign-in">Sign in instead</Link>}
    </StandAlone>
  );
}
