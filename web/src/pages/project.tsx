import { useState } from 'preact/hooks';
import { api, type IssuedKey, type Project } from '../api';
import { Button } from '../components/button';
import { ErrorNotice, Notice } from '../components/notice';
import { Badge, Empty, PageHeader, type Tab, Tabs, Time } from '../components/parts';
import { CreateKeyDialog, IssuedKeyDialog } from '../keys/key-dialogs';
import { KeyList } from '../keys/key-list';
import { useLoaded } from '../loading';
import { useProjectRights } from '../session';
import { ProjectPeople } from './project-people';
import { ProjectServiceAccounts } from './project-service-accounts';
import { ProjectSettings } from './project-settings';

interface TabRow {
  name: string;
  label: string;
  isForManagers?: boolean;
  /** An archived project has keys alone. */
  isForArchived?: boolean;
}

const TABS: TabRow[] = [
  { name: 'keys', label: 'Keys', isForArchived: true },
  { name: 'service-accounts', label: 'Service accounts' },
  { name: 'people', label: 'People' },
  { name: 'settings', label: 'Settings', isForManagers: true },
];

function ProjectKeys({ project, isManager }: { project: Project; isManager: boolean }) {
  const [isCreating, setCreating] = useState(false);
  const [issued, setIssued] = useState<IssuedKey>();
  const [generation, setGeneration] = useState(0);
  const isArchived = project.archived_at !== null;
  return (
    <section aria-label="Keys">
      {!isArchived && (
        <div class="section-header">
          <p>
            {isManager
              ? 'What programs come in with. Each key belongs to a person or to a service account.'
              : 'Your own keys in this project.'}
          </p>
          <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
            Create key
          </Button>
        </div>
      )}
      <KeyList
        projectId={project.id}
        isArchived={isArchived}
        generation={generation}
        empty={
          <Empty icon="key" title="No keys yet">
            {isArchived
              ? 'The project ended without one.'
              : 'A key lets a program in to your API. Create the first one.'}
          </Empty>
        }
      />
      {isCreating && (
        <CreateKeyDialog
          projects={[project]}
          onClose={() => setCreating(false)}
          onIssued={(key) => {
            setCreating(false);
            setIssued(key);
            setGeneration((count) => count + 1);
          }}
        />
      )}
      {issued && <IssuedKeyDialog issued={issued} onDone={() => setIssued(undefined)} />}
    </section>
  );
}

export function ProjectPage({ id, tab }: { id: string; tab: string }) {
  const loaded = useLoaded(`project ${id}`, () => api.projects.retrieve(id));
  const project = loaded.value;
  const isArchived = project?.archived_at != null;
  const rights = useProjectRights(id, project !== undefined && !isArchived);
  const isManager = rights.value?.isManager ?? false;
  const rows = TABS.filter(
    (row) => (isManager || !row.isForManagers) && (!isArchived || row.isForArchived),
  );
  const current = rows.find((row) => row.name === tab) ?? (rows[0] as TabRow);
  const tabs: Tab[] = rows.map((row) => ({
    label: row.label,
    address: `/projects/${id}/${row.name}`,
    isCurrent: row === current,
  }));
  const name = project?.name ?? (project ? project.id : ' ');
  if (loaded.error) {
    return (
      <>
        <PageHeader title="Project" parent={{ label: 'Projects', address: '/projects' }} />
        <ErrorNotice error={loaded.error} onRetry={loaded.reload} />
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={name}
        windowTitle={project ? `${current.label} · ${name}` : 'Project'}
        parent={{ label: 'Projects', address: '/projects' }}
        badge={isArchived && <Badge>Archived</Badge>}
      />
      <Tabs label={`Parts of ${name}`} tabs={tabs} />
      {project && isArchived && (
        <Notice look="warning">
          <p>
            This project was archived <Time seconds={project.archived_at} />. Its keys are refused
            for good, and it can no longer be changed.
          </p>
        </Notice>
      )}
      {project && current.name === 'keys' && (
        <ProjectKeys project={project} isManager={isManager} />
      )}
      {project && current.name === 'service-accounts' && (
        <ProjectServiceAccounts project={project} isManager={isManager} />
      )}
      {project && current.name === 'people' && (
        <ProjectPeople project={project} isManager={isManager} />
      )}
      {project && current.name === 'settings' && (
        <ProjectSettings project={project} onChanged={loaded.reload} />
      )}
    </>
  );
}
