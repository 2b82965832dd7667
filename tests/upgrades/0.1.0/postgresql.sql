--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: admin_api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.admin_api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    name text COLLATE pg_catalog."C",
    redacted_value text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint,
    CONSTRAINT admin_api_keys_digest_check CHECK ((length(digest) = 32))
);


--
-- Name: audit_logs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_logs (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    effective_at bigint NOT NULL,
    project_id text COLLATE pg_catalog."C",
    project_name text COLLATE pg_catalog."C",
    actor text COLLATE pg_catalog."C",
    actor_id text COLLATE pg_catalog."C",
    actor_key_id text COLLATE pg_catalog."C",
    actor_email text COLLATE pg_catalog."C",
    resource_id text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.changes (
    revision bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    made_at bigint NOT NULL,
    changes text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: departures; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.departures (
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    departed_at bigint NOT NULL,
    CONSTRAINT departures_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'service_account'::text, 'ownership'::text])))
);


--
-- Name: invites; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.invites (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    email_key text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    projects text NOT NULL COLLATE pg_catalog."C",
    token_digest bytea NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    accepted_at bigint,
    CONSTRAINT invites_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'reader'::text]))),
    CONSTRAINT invites_token_digest_check CHECK ((length(token_digest) = 32))
);


--
-- Name: organizations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organizations (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    default_project_id text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);


--
-- Name: password_links; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.password_links (
    user_id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    token_digest bytea NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT password_links_token_digest_check CHECK ((length(token_digest) = 32))
);


--
-- Name: passwords; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.passwords (
    user_id text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    changed_at bigint NOT NULL
);


--
-- Name: project_api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.project_api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    project_id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    owner_type text NOT NULL COLLATE pg_catalog."C",
    owner_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    redacted_value text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    scopes text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint,
    CONSTRAINT project_api_keys_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT project_api_keys_owner_type_check CHECK ((owner_type = ANY (ARRAY['user'::text, 'service_account'::text])))
);


--
-- Name: project_users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.project_users (
    project_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    added_at bigint NOT NULL,
    CONSTRAINT project_users_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text])))
);


--
-- Name: projects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.projects (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    archived_at bigint,
    residency text COLLATE pg_catalog."C"
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    number bigint NOT NULL,
    applied_at bigint NOT NULL
);


--
-- Name: service_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.service_accounts (
    id text NOT NULL COLLATE pg_catalog."C",
    project_id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    CONSTRAINT service_accounts_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text, 'none'::text])))
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    user_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    admin_api_key_id text COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    address text COLLATE pg_catalog."C",
    user_agent text COLLATE pg_catalog."C",
    CONSTRAINT sessions_digest_check CHECK ((length(digest) = 32))
);


--
-- Name: store_state; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_state (
    id bigint NOT NULL,
    revision bigint NOT NULL,
    last_issued_at bigint NOT NULL,
    CONSTRAINT store_state_id_check CHECK ((id = 1))
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id text NOT NULL COLLATE pg_catalog."C",
    organization_id text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    email_key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    added_at bigint NOT NULL,
    is_default bigint NOT NULL,
    technical_level text COLLATE pg_catalog."C",
    developer_persona text COLLATE pg_catalog."C",
    api_key_last_used_at bigint,
    admin_keys_after text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT users_is_default_check CHECK ((is_default = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'reader'::text])))
);


--
-- Data for Name: admin_api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.admin_api_keys VALUES ('key_08DoNexAyD9uRNEfDgSTrPAk', 'org_08DoNexAy73wnB9MVmS1UJil', 'user_08DoNexAyByfqaleOMzdnbL4', 'First admin key', 'sk-admin...nsA', '\x7c888b3cceadb8eb29b9f41d16f0166487100b7dc519a37341d7df71148f5bfa', 1795363522, NULL, NULL);
INSERT INTO public.admin_api_keys VALUES ('key_08DoNf11dbwGjxrYF4n50xpJ', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'second', 'sk-admin...SMV', '\xc32d16eb8f1f6c6de2000cb9bc38d19aae089b3888f9d47434fbfb9e5d71fbd0', 1795363523, NULL, NULL);
INSERT INTO public.admin_api_keys VALUES ('key_08DoNeuOwHp616VqO0ogcTAG', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'First admin key', 'sk-admin...E5d', '\x43e4d196bbcc115261f604e120cf2b801a2e7adec2aefa98e851482345d2793c', 1795363521, NULL, 1795363522);


--
-- Data for Name: audit_logs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeuOwDHLMXCygIsmCt4x', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'organization.updated', 1795363521, NULL, NULL, NULL, NULL, NULL, NULL, 'org_08DoNeuOwBNw4tA32jAimvdJ', '{"id":"org_08DoNeuOwBNw4tA32jAimvdJ","changes_requested":{"name":"Default organization"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeuOwEO2MpEZHBgMgoHJ', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'project.created', 1795363521, 'proj_08DoNeuOwCb5V5yCPWMjcVRg', 'Default project', NULL, NULL, NULL, NULL, 'proj_08DoNeuOwCb5V5yCPWMjcVRg', '{"id":"proj_08DoNeuOwCb5V5yCPWMjcVRg","data":{"name":"Default project","title":"Default project"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeuOwGTbq5JdQTVED1BU', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.added', 1795363521, NULL, NULL, NULL, NULL, NULL, NULL, 'user_08DoNeuOwFHnEuwbiKaH5IR9', '{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","name":"owner@localhost","data":{"role":"owner"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeuOwIL2HyJLjtTG45bU', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363521, NULL, NULL, NULL, NULL, NULL, NULL, 'key_08DoNeuOwHp616VqO0ogcTAG', '{"id":"key_08DoNeuOwHp616VqO0ogcTAG","name":"First admin key","data":{}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNexAy9fF9ZujWtsYZCCt', 'org_08DoNexAy73wnB9MVmS1UJil', 'organization.updated', 1795363522, NULL, NULL, NULL, NULL, NULL, NULL, 'org_08DoNexAy73wnB9MVmS1UJil', '{"id":"org_08DoNexAy73wnB9MVmS1UJil","changes_requested":{"name":"Second"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNexAyAvKdBBIgDDU6oR7', 'org_08DoNexAy73wnB9MVmS1UJil', 'project.created', 1795363522, 'proj_08DoNexAy8anGwT3odHMEzBh', 'Default project', NULL, NULL, NULL, NULL, 'proj_08DoNexAy8anGwT3odHMEzBh', '{"id":"proj_08DoNexAy8anGwT3odHMEzBh","data":{"name":"Default project","title":"Default project"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNexAyCEwoZDyVRxf1UZS', 'org_08DoNexAy73wnB9MVmS1UJil', 'user.added', 1795363522, NULL, NULL, NULL, NULL, NULL, NULL, 'user_08DoNexAyByfqaleOMzdnbL4', '{"id":"user_08DoNexAyByfqaleOMzdnbL4","name":"owner@localhost","data":{"role":"owner"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNexAyEL3qOqMm1BZrr4i', 'org_08DoNexAy73wnB9MVmS1UJil', 'api_key.created', 1795363522, NULL, NULL, NULL, NULL, NULL, NULL, 'key_08DoNexAyD9uRNEfDgSTrPAk', '{"id":"key_08DoNexAyD9uRNEfDgSTrPAk","name":"First admin key","data":{}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeyO0vfuLwNTP64Prsya', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'project.created', 1795363522, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', '{"id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","data":{"name":"kept","title":"kept"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeyVVPnFvsXpN5HooPLJ', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'project.created', 1795363522, 'proj_08DoNeyVVOuOLcrSqujG7mzs', 'archived', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'proj_08DoNeyVVOuOLcrSqujG7mzs', '{"id":"proj_08DoNeyVVOuOLcrSqujG7mzs","data":{"name":"archived","title":"archived"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeyZLEtAAaY9d5qgO14f', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'service_account.created', 1795363522, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'svc_acct_08DoNeyZLDYHhICQyVI87cIv', '{"id":"svc_acct_08DoNeyZLDYHhICQyVI87cIv","name":"worker","data":{"role":"member"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeyZLGHwKDqbQvdzx47r', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363522, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNeyZLFME2RRVekseBRjv', '{"id":"key_08DoNeyZLFME2RRVekseBRjv","name":"Secret Key","data":{"scopes":[]}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeyq8dbaYptJlKD0NKci', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'service_account.created', 1795363522, 'proj_08DoNeyVVOuOLcrSqujG7mzs', 'archived', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'svc_acct_08DoNeyq8cxS3JTw08eaM1p6', '{"id":"svc_acct_08DoNeyq8cxS3JTw08eaM1p6","name":"of the archive","data":{"role":"member"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNeyq8fXr8Fj1FRT8huXf', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363522, 'proj_08DoNeyVVOuOLcrSqujG7mzs', 'archived', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNeyq8ei5jGLKxGRb4Rcb', '{"id":"key_08DoNeyq8ei5jGLKxGRb4Rcb","name":"Secret Key","data":{"scopes":[]}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNez9kYVzsKZE2jsAFeSa', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'service_account.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'svc_acct_08DoNez9kXIJHmwSmO0rHYzi', '{"id":"svc_acct_08DoNez9kXIJHmwSmO0rHYzi","name":"without a key","data":{"role":"none"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNezSiR6IwfpFlX4cndme', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.sent', 1795363523, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'invite_08DoNezSiQSqv1ShyytDGaaB', '{"id":"invite_08DoNezSiQSqv1ShyytDGaaB","data":{"email":"second@example.com","role":"owner"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0AOngdBWeAxiMg9G8C', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.accepted', 1795363523, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf0AOmDUYGpNLD1AozzI","email":"second@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0AOmDUYGpNLD1AozzI', NULL, 'second@example.com', 'invite_08DoNezSiQSqv1ShyytDGaaB', '{"id":"invite_08DoNezSiQSqv1ShyytDGaaB","name":"second@example.com"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0AOoDbSt8fzs7pc7H5', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.added', 1795363523, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf0AOmDUYGpNLD1AozzI","email":"second@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0AOmDUYGpNLD1AozzI', NULL, 'second@example.com', 'user_08DoNf0AOmDUYGpNLD1AozzI', '{"id":"user_08DoNf0AOmDUYGpNLD1AozzI","name":"second@example.com","data":{"role":"owner"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0AOp2BWcIldhafC033', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'role.assignment.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"session","session":{"user":{"id":"user_08DoNf0AOmDUYGpNLD1AozzI","email":"second@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0AOmDUYGpNLD1AozzI', NULL, 'second@example.com', 'user_08DoNf0AOmDUYGpNLD1AozzI', '{"id":"role-api-project-owner__api-project__proj_08DoNeyO0ubh2xfWnM3GQ92H","principal_id":"user_08DoNf0AOmDUYGpNLD1AozzI","principal_name":"second@example.com","principal_type":"user","resource_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","resource_type":"api.project"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0TGes8wqYrfxfeyyAx', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.sent', 1795363523, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'invite_08DoNf0TGdKrb79l929vaVlr', '{"id":"invite_08DoNf0TGdKrb79l929vaVlr","data":{"email":"reader@example.com","role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0c1o6PzsJHps0dnZNs', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.accepted', 1795363523, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf0c1nOXrsn72xhbwop2","email":"reader@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0c1nOXrsn72xhbwop2', NULL, 'reader@example.com', 'invite_08DoNf0TGdKrb79l929vaVlr', '{"id":"invite_08DoNf0TGdKrb79l929vaVlr","name":"reader@example.com"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0c1paGVNhG931LXjba', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.added', 1795363523, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf0c1nOXrsn72xhbwop2","email":"reader@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0c1nOXrsn72xhbwop2', NULL, 'reader@example.com', 'user_08DoNf0c1nOXrsn72xhbwop2', '{"id":"user_08DoNf0c1nOXrsn72xhbwop2","name":"reader@example.com","data":{"role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0c1qf8JXVYPPdDVUio', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'role.assignment.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"session","session":{"user":{"id":"user_08DoNf0c1nOXrsn72xhbwop2","email":"reader@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0c1nOXrsn72xhbwop2', NULL, 'reader@example.com', 'user_08DoNf0c1nOXrsn72xhbwop2', '{"id":"role-api-project-member__api-project__proj_08DoNeyO0ubh2xfWnM3GQ92H","principal_id":"user_08DoNf0c1nOXrsn72xhbwop2","principal_name":"reader@example.com","principal_type":"user","resource_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","resource_type":"api.project"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0eGBOBcUfA3UacRj0I', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.sent', 1795363523, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'invite_08DoNf0eGARXNlqau0kXZrkF', '{"id":"invite_08DoNf0eGARXNlqau0kXZrkF","data":{"email":"gone@example.com","role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0fvW9emlMFyol9cdl3', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.accepted', 1795363523, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf0fvVsGXXiTGALguS7I","email":"gone@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0fvVsGXXiTGALguS7I', NULL, 'gone@example.com', 'invite_08DoNf0eGARXNlqau0kXZrkF', '{"id":"invite_08DoNf0eGARXNlqau0kXZrkF","name":"gone@example.com"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0fvXwlyennucN4R55m', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.added', 1795363523, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf0fvVsGXXiTGALguS7I","email":"gone@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0fvVsGXXiTGALguS7I', NULL, 'gone@example.com', 'user_08DoNf0fvVsGXXiTGALguS7I', '{"id":"user_08DoNf0fvVsGXXiTGALguS7I","name":"gone@example.com","data":{"role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0fvYC5BW9kkL2RSZwI', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'role.assignment.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"session","session":{"user":{"id":"user_08DoNf0fvVsGXXiTGALguS7I","email":"gone@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf0fvVsGXXiTGALguS7I', NULL, 'gone@example.com', 'user_08DoNf0fvVsGXXiTGALguS7I', '{"id":"role-api-project-member__api-project__proj_08DoNeyO0ubh2xfWnM3GQ92H","principal_id":"user_08DoNf0fvVsGXXiTGALguS7I","principal_name":"gone@example.com","principal_type":"user","resource_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","resource_type":"api.project"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0jqY9esUGM1M6DDzO7', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNf0jqXeLP3wDmju94Xvs', '{"id":"key_08DoNf0jqXeLP3wDmju94Xvs","name":"narrow","data":{"scopes":["a.read","b.write"]}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0tJZ9PmQ78KeLiPt5V', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNf0tJYpNL5LcYA3grXyM', '{"id":"key_08DoNf0tJYpNL5LcYA3grXyM","name":"until the end of time","data":{"scopes":[]}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0vE4BnnJ07ksoHWHaK', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNf0vE3WR7vCNajyR0jY7', '{"id":"key_08DoNf0vE3WR7vCNajyR0jY7","name":"revoked","data":{"scopes":[]}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf0w1cMmlBDdKBdzPrHC', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363523, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNf0w1bvX9CcApc290VJC', '{"id":"key_08DoNf0w1bvX9CcApc290VJC","name":"key-12","data":{"scopes":[]}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf11dcPcNpQifR5KAxwV', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.created', 1795363523, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNf11dbwGjxrYF4n50xpJ', '{"id":"key_08DoNf11dbwGjxrYF4n50xpJ","name":"second","data":{}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf13HtG8aEMAPQoEnz3z', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.sent', 1795363523, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'invite_08DoNf13HszYAtufeGRWLUv9', '{"id":"invite_08DoNf13HszYAtufeGRWLUv9","data":{"email":"password@example.com","role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5GjgsmOWtcYU6SaBGj', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.accepted', 1795363524, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf5Gjfnzff0bqOItEv4x","email":"password@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf5Gjfnzff0bqOItEv4x', NULL, 'password@example.com', 'invite_08DoNf13HszYAtufeGRWLUv9', '{"id":"invite_08DoNf13HszYAtufeGRWLUv9","name":"password@example.com"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5GjhZVZV7iLbAs9AWy', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.added', 1795363524, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf5Gjfnzff0bqOItEv4x","email":"password@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf5Gjfnzff0bqOItEv4x', NULL, 'password@example.com', 'user_08DoNf5Gjfnzff0bqOItEv4x', '{"id":"user_08DoNf5Gjfnzff0bqOItEv4x","name":"password@example.com","data":{"role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5GjiuHM662i5D9wWpc', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'role.assignment.created', 1795363524, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"session","session":{"user":{"id":"user_08DoNf5Gjfnzff0bqOItEv4x","email":"password@example.com"},"ip_address":"127.0.0.1"}}', 'user_08DoNf5Gjfnzff0bqOItEv4x', NULL, 'password@example.com', 'user_08DoNf5Gjfnzff0bqOItEv4x', '{"id":"role-api-project-member__api-project__proj_08DoNeyO0ubh2xfWnM3GQ92H","principal_id":"user_08DoNf5Gjfnzff0bqOItEv4x","principal_name":"password@example.com","principal_type":"user","resource_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","resource_type":"api.project"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5Gjk4p5vpZvKgnoW63', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'login.succeeded', 1795363524, NULL, NULL, '{"type":"session","session":{"user":{"id":"user_08DoNf5Gjfnzff0bqOItEv4x","email":"password@example.com"},"ip_address":"127.0.0.1","id":"sess_08DoNf5GjjlNu2NQYgmaF3JW"}}', 'user_08DoNf5Gjfnzff0bqOItEv4x', NULL, 'password@example.com', 'sess_08DoNf5GjjlNu2NQYgmaF3JW', '{"id":"sess_08DoNf5GjjlNu2NQYgmaF3JW"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5bBC5WmegBJ6G712aW', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.updated', 1795363524, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'user_08DoNf0AOmDUYGpNLD1AozzI', '{"id":"user_08DoNf0AOmDUYGpNLD1AozzI","name":"second@example.com","changes_requested":{"password":"link_created"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5eCbyrFtLKs24V3FrU', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'invite.sent', 1795363524, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'invite_08DoNf5eCa9AqXZU8W1b4gIa', '{"id":"invite_08DoNf5eCa9AqXZU8W1b4gIa","data":{"email":"open@example.com","role":"reader"}}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5gb1bnRb81y5L1an75', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'api_key.deleted', 1795363524, 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'kept', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'key_08DoNf0vE3WR7vCNajyR0jY7', '{"id":"key_08DoNf0vE3WR7vCNajyR0jY7","name":"revoked"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5kwlocIg6HoDmt1sNQ', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'project.archived', 1795363524, 'proj_08DoNeyVVOuOLcrSqujG7mzs', 'archived', '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'proj_08DoNeyVVOuOLcrSqujG7mzs', '{"id":"proj_08DoNeyVVOuOLcrSqujG7mzs"}');
INSERT INTO public.audit_logs VALUES ('audit_log_08DoNf5xu5SupvpUsqIqKPpA', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user.deleted', 1795363524, NULL, NULL, '{"type":"api_key","api_key":{"id":"key_08DoNeuOwHp616VqO0ogcTAG","type":"user","user":{"id":"user_08DoNeuOwFHnEuwbiKaH5IR9","email":"owner@localhost"},"ip_address":"127.0.0.1"}}', 'user_08DoNeuOwFHnEuwbiKaH5IR9', 'key_08DoNeuOwHp616VqO0ogcTAG', 'owner@localhost', 'user_08DoNf0fvVsGXXiTGALguS7I', '{"id":"user_08DoNf0fvVsGXXiTGALguS7I","name":"gone@example.com"}');


--
-- Data for Name: changes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.changes VALUES (1, 'command', 1795363521971681, '[{"kind":"key_issued","digest":"43e4d196bbcc115261f604e120cf2b801a2e7adec2aefa98e851482345d2793c","is_admin_key":true,"key_id":"key_08DoNeuOwHp616VqO0ogcTAG","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","owner_id":"user_08DoNeuOwFHnEuwbiKaH5IR9","is_organization_owner":true}]');
INSERT INTO public.changes VALUES (2, 'vm-bdc2eeae', 1795363522397804, '[]');
INSERT INTO public.changes VALUES (3, 'command', 1795363522603689, '[{"kind":"key_issued","digest":"7c888b3cceadb8eb29b9f41d16f0166487100b7dc519a37341d7df71148f5bfa","is_admin_key":true,"key_id":"key_08DoNexAyD9uRNEfDgSTrPAk","organization_id":"org_08DoNexAy73wnB9MVmS1UJil","owner_id":"user_08DoNexAyByfqaleOMzdnbL4","is_organization_owner":true}]');
INSERT INTO public.changes VALUES (4, 'vm-bdc2eeae', 1795363522860109, '[]');
INSERT INTO public.changes VALUES (5, 'vm-bdc2eeae', 1795363522880352, '[]');
INSERT INTO public.changes VALUES (6, 'vm-bdc2eeae', 1795363522896443, '[{"kind":"key_issued","digest":"eddbd740ae93b2c59c03b7709776b6b299343892860fe8593df98be4a839ad39","key_id":"key_08DoNeyZLFME2RRVekseBRjv","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"svc_acct_08DoNeyZLDYHhICQyVI87cIv","is_service_account":true,"has_role":true}]');
INSERT INTO public.changes VALUES (7, 'vm-bdc2eeae', 1795363522971265, '[{"kind":"key_issued","digest":"886296de81eb975b4df4fa014f821df8b7940f0910998d9da03ce72b794553a2","key_id":"key_08DoNeyq8ei5jGLKxGRb4Rcb","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","project_id":"proj_08DoNeyVVOuOLcrSqujG7mzs","owner_id":"svc_acct_08DoNeyq8cxS3JTw08eaM1p6","is_service_account":true,"has_role":true}]');
INSERT INTO public.changes VALUES (8, 'vm-bdc2eeae', 1795363523024703, '[]');
INSERT INTO public.changes VALUES (9, 'vm-bdc2eeae', 1795363523139951, '[]');
INSERT INTO public.changes VALUES (10, 'vm-bdc2eeae', 1795363523286097, '[{"kind":"membership_changed","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"user_08DoNf0AOmDUYGpNLD1AozzI","has_role":true}]');
INSERT INTO public.changes VALUES (11, 'vm-bdc2eeae', 1795363523360056, '[]');
INSERT INTO public.changes VALUES (12, 'vm-bdc2eeae', 1795363523372996, '[{"kind":"membership_changed","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"user_08DoNf0c1nOXrsn72xhbwop2","has_role":true}]');
INSERT INTO public.changes VALUES (13, 'vm-bdc2eeae', 1795363523380102, '[]');
INSERT INTO public.changes VALUES (14, 'vm-bdc2eeae', 1795363523391982, '[{"kind":"membership_changed","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"user_08DoNf0fvVsGXXiTGALguS7I","has_role":true}]');
INSERT INTO public.changes VALUES (15, 'vm-bdc2eeae', 1795363523423948, '[{"kind":"key_issued","digest":"1e9724c485e04a6382d1a9b27d4ed3383a003e1665411f9dc8fda4791c8bc7d7","key_id":"key_08DoNf0jqXeLP3wDmju94Xvs","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"user_08DoNf0c1nOXrsn72xhbwop2","has_role":true,"scopes":["a.read","b.write"]}]');
INSERT INTO public.changes VALUES (16, 'vm-bdc2eeae', 1795363523437791, '[{"kind":"key_issued","digest":"5284fa9a2cdc4c96f8a3ac2b3013262ab2fa69549071b26852e03e33f4085dae","key_id":"key_08DoNf0tJYpNL5LcYA3grXyM","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"svc_acct_08DoNeyZLDYHhICQyVI87cIv","is_service_account":true,"has_role":true,"expires_at":4795363523}]');
INSERT INTO public.changes VALUES (17, 'vm-bdc2eeae', 1795363523444893, '[{"kind":"key_issued","digest":"c54f1aabb678d75d570f273f96efdfb529b9ffe418c1c871647ef38b9e48f8ba","key_id":"key_08DoNf0vE3WR7vCNajyR0jY7","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"svc_acct_08DoNeyZLDYHhICQyVI87cIv","is_service_account":true,"has_role":true}]');
INSERT INTO public.changes VALUES (18, 'vm-bdc2eeae', 1795363523453328, '[{"kind":"key_issued","digest":"d309d0b6676cd91c2b45189b14bfc9302b7fbd7bf20bb738ec08cd4020be2190","key_id":"key_08DoNf0w1bvX9CcApc290VJC","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"user_08DoNf0fvVsGXXiTGALguS7I","has_role":true}]');
INSERT INTO public.changes VALUES (19, 'vm-bdc2eeae', 1795363523470665, '[{"kind":"key_issued","digest":"c32d16eb8f1f6c6de2000cb9bc38d19aae089b3888f9d47434fbfb9e5d71fbd0","is_admin_key":true,"key_id":"key_08DoNf11dbwGjxrYF4n50xpJ","organization_id":"org_08DoNeuOwBNw4tA32jAimvdJ","owner_id":"user_08DoNeuOwFHnEuwbiKaH5IR9","is_organization_owner":true}]');
INSERT INTO public.changes VALUES (20, 'vm-bdc2eeae', 1795363523476090, '[]');
INSERT INTO public.changes VALUES (21, 'vm-bdc2eeae', 1795363524470390, '[]');
INSERT INTO public.changes VALUES (22, 'vm-bdc2eeae', 1795363524542808, '[{"kind":"membership_changed","project_id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","owner_id":"user_08DoNf5Gjfnzff0bqOItEv4x","has_role":true}]');
INSERT INTO public.changes VALUES (23, 'vm-bdc2eeae', 1795363524560276, '[]');
INSERT INTO public.changes VALUES (24, 'vm-bdc2eeae', 1795363524576952, '[]');
INSERT INTO public.changes VALUES (25, 'vm-bdc2eeae', 1795363524591884, '[{"kind":"key_ended","digest":"c54f1aabb678d75d570f273f96efdfb529b9ffe418c1c871647ef38b9e48f8ba","expires_at":0}]');
INSERT INTO public.changes VALUES (26, 'vm-bdc2eeae', 1795363524612277, '[{"kind":"project_archived","project_id":"proj_08DoNeyVVOuOLcrSqujG7mzs"}]');
INSERT INTO public.changes VALUES (27, 'vm-bdc2eeae', 1795363524657954, '[{"kind":"owner_gone","owner_id":"user_08DoNf0fvVsGXXiTGALguS7I"}]');
INSERT INTO public.changes VALUES (28, 'vm-bdc2eeae', 1795363525256907, '[]');


--
-- Data for Name: departures; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.departures VALUES ('user_08DoNf0fvVsGXXiTGALguS7I', 'user', 1795363524);


--
-- Data for Name: invites; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.invites VALUES ('invite_08DoNezSiQSqv1ShyytDGaaB', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'second@example.com', 'second@example.com', 'owner', '[{"id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","role":"owner"}]', '\xb9da77ef2384df2d8ab40601185a3345e3dd1a976a41221efc11dbbfcc6408f6', 1795363523, 1795968323, 1795363523);
INSERT INTO public.invites VALUES ('invite_08DoNf0TGdKrb79l929vaVlr', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'reader@example.com', 'reader@example.com', 'reader', '[{"id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","role":"member"}]', '\x9ad56b95084023213264200460c2e5d9322dd51141e8673125405a556caffa50', 1795363523, 1795968323, 1795363523);
INSERT INTO public.invites VALUES ('invite_08DoNf0eGARXNlqau0kXZrkF', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'gone@example.com', 'gone@example.com', 'reader', '[{"id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","role":"member"}]', '\xb3835e1ccc36e978fb8c35c82254c319eb90d1b7740b93b1fb3219b62f7d1f16', 1795363523, 1795968323, 1795363523);
INSERT INTO public.invites VALUES ('invite_08DoNf13HszYAtufeGRWLUv9', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'password@example.com', 'password@example.com', 'reader', '[{"id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","role":"member"}]', '\x9438cdcbdd66082d7f831aa26b2bf14b6d86e616bcb74358aeba25fceed17854', 1795363523, 1795968323, 1795363524);
INSERT INTO public.invites VALUES ('invite_08DoNf5eCa9AqXZU8W1b4gIa', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'open@example.com', 'open@example.com', 'reader', '[{"id":"proj_08DoNeyO0ubh2xfWnM3GQ92H","role":"owner"}]', '\x751cc0b5e51db453d75ede2576c02383bcb70023b4a2b950a81374337e1680d0', 1795363524, 1795968324, NULL);


--
-- Data for Name: organizations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.organizations VALUES ('org_08DoNeuOwBNw4tA32jAimvdJ', 'Default organization', 'proj_08DoNeuOwCb5V5yCPWMjcVRg', 1795363521);
INSERT INTO public.organizations VALUES ('org_08DoNexAy73wnB9MVmS1UJil', 'Second', 'proj_08DoNexAy8anGwT3odHMEzBh', 1795363522);


--
-- Data for Name: password_links; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.password_links VALUES ('user_08DoNeuOwFHnEuwbiKaH5IR9', 'org_08DoNeuOwBNw4tA32jAimvdJ', '\xdcc5c1ffbef79645a093c828ca2656951505135f4d5b05a9ea7dc13a80946dc8', 1795449921);
INSERT INTO public.password_links VALUES ('user_08DoNf0AOmDUYGpNLD1AozzI', 'org_08DoNeuOwBNw4tA32jAimvdJ', '\x10fc757debb0bdf43ab1ed7ce49ffc2fd729a77fb5b0f00961fb9b308624d20b', 1795449924);


--
-- Data for Name: passwords; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.passwords VALUES ('user_08DoNf5Gjfnzff0bqOItEv4x', '$argon2id$v=19$m=65536,t=2,p=1$Yloz/BXPETeGc2QnIPiwVQ$Tq7kwC1wOyYTgai7yPv5d55YkvZ2nuMbD6lSsIkKVZQ', 1795363524);


--
-- Data for Name: project_api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.project_api_keys VALUES ('key_08DoNeyZLFME2RRVekseBRjv', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'service_account', 'svc_acct_08DoNeyZLDYHhICQyVI87cIv', 'Secret Key', 'sk-svcacct...LCy', '\xeddbd740ae93b2c59c03b7709776b6b299343892860fe8593df98be4a839ad39', '[]', 1795363522, NULL, NULL);
INSERT INTO public.project_api_keys VALUES ('key_08DoNeyq8ei5jGLKxGRb4Rcb', 'proj_08DoNeyVVOuOLcrSqujG7mzs', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'service_account', 'svc_acct_08DoNeyq8cxS3JTw08eaM1p6', 'Secret Key', 'sk-svcacct...GT3', '\x886296de81eb975b4df4fa014f821df8b7940f0910998d9da03ce72b794553a2', '[]', 1795363522, NULL, NULL);
INSERT INTO public.project_api_keys VALUES ('key_08DoNf0jqXeLP3wDmju94Xvs', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user', 'user_08DoNf0c1nOXrsn72xhbwop2', 'narrow', 'sk-proj...Uap', '\x1e9724c485e04a6382d1a9b27d4ed3383a003e1665411f9dc8fda4791c8bc7d7', '["a.read","b.write"]', 1795363523, NULL, NULL);
INSERT INTO public.project_api_keys VALUES ('key_08DoNf0tJYpNL5LcYA3grXyM', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'service_account', 'svc_acct_08DoNeyZLDYHhICQyVI87cIv', 'until the end of time', 'sk-svcacct...sjn', '\x5284fa9a2cdc4c96f8a3ac2b3013262ab2fa69549071b26852e03e33f4085dae', '[]', 1795363523, 4795363523, NULL);
INSERT INTO public.project_api_keys VALUES ('key_08DoNf0w1bvX9CcApc290VJC', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'user', 'user_08DoNf0fvVsGXXiTGALguS7I', 'key-12', 'sk-proj...fBv', '\xd309d0b6676cd91c2b45189b14bfc9302b7fbd7bf20bb738ec08cd4020be2190', '[]', 1795363523, NULL, NULL);


--
-- Data for Name: project_users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.project_users VALUES ('proj_08DoNeyO0ubh2xfWnM3GQ92H', 'user_08DoNf0AOmDUYGpNLD1AozzI', 'owner', 1795363523);
INSERT INTO public.project_users VALUES ('proj_08DoNeyO0ubh2xfWnM3GQ92H', 'user_08DoNf0c1nOXrsn72xhbwop2', 'member', 1795363523);
INSERT INTO public.project_users VALUES ('proj_08DoNeyO0ubh2xfWnM3GQ92H', 'user_08DoNf0fvVsGXXiTGALguS7I', 'member', 1795363523);
INSERT INTO public.project_users VALUES ('proj_08DoNeyO0ubh2xfWnM3GQ92H', 'user_08DoNf5Gjfnzff0bqOItEv4x', 'member', 1795363524);


--
-- Data for Name: projects; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.projects VALUES ('proj_08DoNeuOwCb5V5yCPWMjcVRg', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'Default project', 1795363521, NULL, NULL);
INSERT INTO public.projects VALUES ('proj_08DoNexAy8anGwT3odHMEzBh', 'org_08DoNexAy73wnB9MVmS1UJil', 'Default project', 1795363522, NULL, NULL);
INSERT INTO public.projects VALUES ('proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'kept', 1795363522, NULL, NULL);
INSERT INTO public.projects VALUES ('proj_08DoNeyVVOuOLcrSqujG7mzs', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'archived', 1795363522, 1795363524, NULL);


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.schema_migrations VALUES (1, 1795363521);


--
-- Data for Name: service_accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.service_accounts VALUES ('svc_acct_08DoNeyZLDYHhICQyVI87cIv', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'worker', 'member', 1795363522);
INSERT INTO public.service_accounts VALUES ('svc_acct_08DoNeyq8cxS3JTw08eaM1p6', 'proj_08DoNeyVVOuOLcrSqujG7mzs', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'of the archive', 'member', 1795363522);
INSERT INTO public.service_accounts VALUES ('svc_acct_08DoNez9kXIJHmwSmO0rHYzi', 'proj_08DoNeyO0ubh2xfWnM3GQ92H', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'without a key', 'none', 1795363523);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES ('user_08DoNf5Gjfnzff0bqOItEv4x', 'sess_08DoNf5GjjlNu2NQYgmaF3JW', 'org_08DoNeuOwBNw4tA32jAimvdJ', NULL, '\x0c9f436217a1c5f651e1ca8fdc782601cce471b7c7000fc4f992d3d3be54c6df', 1795363524, 1795363524, 1795968324, '127.0.0.1', 'python-httpx/0.28.1');


--
-- Data for Name: store_state; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.store_state VALUES (1, 28, 1795363524645897);


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES ('user_08DoNexAyByfqaleOMzdnbL4', 'org_08DoNexAy73wnB9MVmS1UJil', 'owner@localhost', 'owner@localhost', 'Owner', 'owner', 1795363522, 1, NULL, NULL, NULL, '');
INSERT INTO public.users VALUES ('user_08DoNf0AOmDUYGpNLD1AozzI', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'second@example.com', 'second@example.com', 'Second Owner', 'owner', 1795363523, 0, NULL, NULL, NULL, '');
INSERT INTO public.users VALUES ('user_08DoNf0c1nOXrsn72xhbwop2', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'reader@example.com', 'reader@example.com', 'Röad Er', 'reader', 1795363523, 0, NULL, NULL, NULL, '');
INSERT INTO public.users VALUES ('user_08DoNf5Gjfnzff0bqOItEv4x', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'password@example.com', 'password@example.com', 'Some Body', 'reader', 1795363524, 0, NULL, NULL, NULL, '');
INSERT INTO public.users VALUES ('user_08DoNeuOwFHnEuwbiKaH5IR9', 'org_08DoNeuOwBNw4tA32jAimvdJ', 'owner@localhost', 'owner@localhost', 'Owner', 'owner', 1795363521, 1, NULL, NULL, 1795363522, '');


--
-- Name: admin_api_keys admin_api_keys_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.admin_api_keys
    ADD CONSTRAINT admin_api_keys_digest_key UNIQUE (digest);


--
-- Name: admin_api_keys admin_api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.admin_api_keys
    ADD CONSTRAINT admin_api_keys_pkey PRIMARY KEY (organization_id, id);


--
-- Name: audit_logs audit_logs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (organization_id, id);


--
-- Name: changes changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (revision);


--
-- Name: departures departures_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.departures
    ADD CONSTRAINT departures_pkey PRIMARY KEY (id);


--
-- Name: invites invites_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_pkey PRIMARY KEY (organization_id, id);


--
-- Name: invites invites_token_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_token_digest_key UNIQUE (token_digest);


--
-- Name: organizations organizations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);


--
-- Name: password_links password_links_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_links
    ADD CONSTRAINT password_links_pkey PRIMARY KEY (user_id);


--
-- Name: password_links password_links_token_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_links
    ADD CONSTRAINT password_links_token_digest_key UNIQUE (token_digest);


--
-- Name: passwords passwords_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.passwords
    ADD CONSTRAINT passwords_pkey PRIMARY KEY (user_id);


--
-- Name: project_api_keys project_api_keys_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.project_api_keys
    ADD CONSTRAINT project_api_keys_digest_key UNIQUE (digest);


--
-- Name: project_api_keys project_api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.project_api_keys
    ADD CONSTRAINT project_api_keys_pkey PRIMARY KEY (project_id, id);


--
-- Name: project_users project_users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.project_users
    ADD CONSTRAINT project_users_pkey PRIMARY KEY (project_id, user_id);


--
-- Name: projects projects_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_id_key UNIQUE (id);


--
-- Name: projects projects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (organization_id, id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);


--
-- Name: service_accounts service_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT service_accounts_pkey PRIMARY KEY (project_id, id);


--
-- Name: sessions sessions_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_digest_key UNIQUE (digest);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (user_id, id);


--
-- Name: store_state store_state_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_state
    ADD CONSTRAINT store_state_pkey PRIMARY KEY (id);


--
-- Name: users users_organization_id_email_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_organization_id_email_key_key UNIQUE (organization_id, email_key);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (organization_id, id);


--
-- Name: admin_api_keys_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX admin_api_keys_by_user ON public.admin_api_keys USING btree (user_id, id);


--
-- Name: audit_logs_by_actor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_by_actor ON public.audit_logs USING btree (organization_id, actor_id, id) WHERE (actor_id IS NOT NULL);


--
-- Name: audit_logs_by_actor_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_by_actor_email ON public.audit_logs USING btree (organization_id, actor_email, id) WHERE (actor_email IS NOT NULL);


--
-- Name: audit_logs_by_actor_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_by_actor_key ON public.audit_logs USING btree (organization_id, actor_key_id, id) WHERE (actor_key_id IS NOT NULL);


--
-- Name: audit_logs_by_project; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_by_project ON public.audit_logs USING btree (organization_id, project_id, id) WHERE (project_id IS NOT NULL);


--
-- Name: audit_logs_by_resource; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_by_resource ON public.audit_logs USING btree (organization_id, resource_id, id);


--
-- Name: audit_logs_by_type; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_by_type ON public.audit_logs USING btree (organization_id, type, id);


--
-- Name: invites_by_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX invites_by_email ON public.invites USING btree (organization_id, email_key);


--
-- Name: project_api_keys_by_organization; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX project_api_keys_by_organization ON public.project_api_keys USING btree (organization_id, id);


--
-- Name: project_api_keys_by_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX project_api_keys_by_owner ON public.project_api_keys USING btree (owner_id, id);


--
-- Name: project_api_keys_of_people; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX project_api_keys_of_people ON public.project_api_keys USING btree (project_id, id) WHERE (owner_type = 'user'::text);


--
-- Name: project_users_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX project_users_by_user ON public.project_users USING btree (user_id, project_id);


--
-- Name: projects_active; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX projects_active ON public.projects USING btree (organization_id, id) WHERE (archived_at IS NULL);


--
-- Name: service_accounts_without_role; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX service_accounts_without_role ON public.service_accounts USING btree (project_id, id) WHERE (role = 'none'::text);


--
-- Name: sessions_by_end; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_by_end ON public.sessions USING btree (expires_at);


--
-- Name: users_by_role; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_by_role ON public.users USING btree (organization_id, role, id);


--
-- Name: admin_api_keys admin_api_keys_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.admin_api_keys
    ADD CONSTRAINT admin_api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: audit_logs audit_logs_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: invites invites_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: password_links password_links_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_links
    ADD CONSTRAINT password_links_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: project_api_keys project_api_keys_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.project_api_keys
    ADD CONSTRAINT project_api_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: project_users project_users_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.project_users
    ADD CONSTRAINT project_users_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: projects projects_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: service_accounts service_accounts_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT service_accounts_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: sessions sessions_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: users users_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- PostgreSQL database dump complete
--


