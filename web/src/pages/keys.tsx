import { useState } from 'preact/hooks';
import { api, collect, type IssuedKey } from '../api';
import { Button } from '../components/button';
import { Empty, PageHeader } from '../components/parts';
import { CreateKeyDialog, IssuedKeyDialog } from '../keys/key-dialogs';
import { KeyList } from '../keys/key-list';
import { useLoaded } from '../loading';
import { useSession } from '../session';

const PROJECTS_MAXIMUM = 500;

export function KeysPage() {
  const { isOwner } = useSession();
  const [isCreating, setCreating] = useState(false);
  const [issued, setIssued] = useState<IssuedKey>();
  const [generation, setGeneration] = useState(0);
  const projects = useLoaded('projects to choose from', () =>
    collect((paging) => api.projects.list(paging), PROJECTS_MAXIMUM),
  );
  const hasProjects = (projects.value?.length ?? 0) > 0;
  const create = (
    <Button look="primary" icon="plus" disabled={!hasProjects} onClick={() => setCreating(true)}>
      Create key
    </Button>
  );
  return (
    <>
      <PageHeader title="Keys" actions={create}>
        {isOwner
          ? 'The keys of all projects of the organization.'
          : 'Your own keys, and those of the projects you own.'}
      </PageHeader>
      <KeyList
        generation={generation}
        empty={
          <Empty icon="key" title="No keys yet">
            {hasProjects
              ? 'A key lets a program in to your API. Create the first one.'
              : 'Keys belong to projects, and you are in none yet.'}
          </Empty>
        }
      />
      {isCreating && (
        <CreateKeyDialog
          projects={projects.value ?? []}
          onClose={() => setCreating(false)}
          onIssued={(key) => {
            setCreating(false);
            setIssued(key);
            setGeneration((count) => count + 1);
          }}
        />
      )}
      {issued && <IssuedKeyDialog issued={issued} onDone={() => setIssued(undefined)} />}
    </>
  );
}
