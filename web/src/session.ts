// Who is signed in.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { api, type Session } from './api';
import { type Loaded, useLoaded } from './loading';

export interface Signed {
  session: Session;
  /** An owner of the organization, who may do everything. */
  isOwner: boolean;
  reload: () => Promise<void>;
}

export const SessionContext = createContext<Signed | null>(null);

export function useSession(): Signed {
  const signed = useContext(SessionContext);
  if (signed === null) {
    throw new Error('This page is only there for who is signed in.');
  }
  return signed;
}

export interface ProjectRights {
  isManager: boolean;
}

/** Whether the caller manages people, service accounts and all keys of a project. */
export function useProjectRights(projectId: string, isActive: boolean): Loaded<ProjectRights> {
  const { session, isOwner } = useSession();
  const isAsked = isActive && !isOwner;
  const loaded = useLoaded(isAsked ? `rights ${projectId}` : null, async () => {
    const membership = await api.projectUsers.retrieve(projectId, session.user.id);
    return { isManager: membership.role === 'owner' };
  });
  return isAsked ? loaded : { ...loaded, value: { isManager: isOwner }, isLoading: false };
}
