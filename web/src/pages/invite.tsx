import { useState } from 'preact/hooks';
import { api } from '../api';
import { Button } from '../components/button';
import { TextField } from '../components/fields';
import { LinkNotWhole, type LinkPageProperties } from '../components/link-page';
import { ErrorNotice } from '../components/notice';
import { PasswordField } from '../components/password-field';
import { StandAlone } from '../components/shell';
import { useAction } from '../loading';
import { Link } from '../router';

const BESIDE = ['name', 'password'];

export function InvitePage({ token, onEntered }: LinkPageProperties) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const action = useAction(async () => {
    await api.invites.accept(token, name.trim(), password);
    onEntered();
  });
  if (!token) {
    return <LinkNotWhole title="Join" />;
  }
  const error = action.error;
  const beside = (parameter: string) =>
    error?.parameter === parameter ? error.message : undefined;
  return (
    <StandAlone
      title="Join"
      description="You were invited to manage API keys here. Say who you are, and choose a password."
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run();
        }}
      >
        <TextField
          label="Your name"
          autoComplete="name"
          required
          autoFocus
          maxLength={255}
          value={name}
          onValue={setName}
          error={beside('name')}
        />
        <PasswordField
          label="Password"
          isNew
          value={password}
          onValue={setPassword}
          error={beside('password')}
        />
        {error && !BESIDE.includes(error.parameter ?? '') && <ErrorNotice error={error} />}
        <Button type="submit" look="primary" isBusy={action.isBusy}>
          Join
        </Button>
      </form>
      {error && <Link href="/sign-in">Sign in instead</Link>}
    </StandAlone>
  );
}
