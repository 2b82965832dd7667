// What roles there are, and what they mean.

import type { OrganizationRole, ProjectRole } from './api';
import type { Choice } from './components/fields';

export const ORGANIZATION_ROLES: Choice<OrganizationRole>[] = [
  {
    value: 'reader',
    label: 'Reader',
    hint: 'Sees the projects they belong to, and has keys of their own there.',
  },
  {
    value: 'owner',
    label: 'Owner',
    hint: 'Sees and does everything: people, all projects, admin keys, the audit log.',
  },
];

export const PROJECT_ROLES: Choice<ProjectRole>[] = [
  { value: 'member', label: 'Member', hint: 'Has keys of their own in the project.' },
  {
    value: 'owner',
    label: 'Owner',
    hint: 'Also manages the project’s people, service accounts and all its keys.',
  },
];
