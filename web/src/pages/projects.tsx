import { useState } from 'preact/hooks';
import { api, type Project } from '../api';
import { Button } from '../components/button';
import { FormDialog } from '../components/dialog';
import { Checkbox, TextField } from '../components/fields';
import { Badge, Empty, PageHeader, Time } from '../components/parts';
import { type Column, List } from '../components/table';
import { notify } from '../components/toasts';
import { usePaged } from '../loading';
import { Link, navigate } from '../router';
import { useSession } from '../session';

const PAGE = 50;

const COLUMNS: Column<Project>[] = [
  {
    title: 'Name',
    kind: 'main',
    render: (project) => (
      <>
        <Link class="row-title" href={`/projects/${project.id}`}>
          {project.name ?? project.id}
        </Link>
        <code class="row-detail">{project.id}</code>
      </>
    ),
  },
  {
    title: 'State',
    kind: 'state',
    render: (project) =>
      project.archived_at === null ? <Badge look="good">Active</Badge> : <Badge>Archived</Badge>,
  },
  { title: 'Created', kind: 'time', render: (project) => <Time seconds={project.created_at} /> },
];

const ARCHIVED: Column<Project> = {
  title: 'Archived',
  kind: 'time',
  render: (project) => <Time seconds={project.archived_at} absent="–" />,
};

function CreateProjectDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const create = async () => {
    const project = await api.projects.create(name.trim());
    notify(`Project “${project.name}” created.`);
    onClose();
    navigate(`/projects/${project.id}`);
  };
  return (
    <FormDialog
      title="Create project"
      submit="Create project"
      isDisabled={!name.trim()}
      onClose={onClose}
      onSubmit={create}
      parameters={['name']}
    >
      {(error) => (
        <TextField
          label="Name"
          autoFocus
          maxLength={255}
          autoComplete="off"
          value={name}
          onValue={setName}
          error={error?.parameter === 'name' ? error.message : undefined}
          hint="For a team, a product or an environment that has its own keys and people."
        />
      )}
    </FormDialog>
  );
}

export function ProjectsPage() {
  const { isOwner } = useSession();
  const [includesArchived, setIncludesArchived] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const projects = usePaged(`projects ${includesArchived}`, PAGE, (paging) =>
    api.projects.list({ ...paging, include_archived: includesArchived }),
  );
  return (
    <>
      <PageHeader
        title="Projects"
        actions={
          isOwner && (
            <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
              Create project
            </Button>
          )
        }
      >
        Keys, service accounts and people belong to projects.
      </PageHeader>
      <div class="toolbar">
        <Checkbox
          label="Show archived projects"
          isChecked={includesArchived}
          onValue={setIncludesArchived}
        />
      </div>
      <List
        caption="Projects"
        columns={includesArchived ? [...COLUMNS, ARCHIVED] : COLUMNS}
        loaded={projects}
        empty={
          <Empty icon="project" title={isOwner ? 'No projects yet' : 'You are in no project yet'}>
            {isOwner
              ? 'Create one for each team or product that shall have keys of its own.'
              : 'Ask an owner of the organization, or of a project, to add you.'}
          </Empty>
        }
      />
      {isCreating && <CreateProjectDialog onClose={() => setCreating(false)} />}
    </>
  );
}
