import type { ComponentChildren } from 'preact';
import type { Loaded, Paged } from '../loading';
import type { Page } from '../api';
import { Button } from './button';
import { ErrorNotice } from './notice';

export interface Column<Row> {
  title: string;
  render: (row: Row) => ComponentChildren;
  /** How wide it is: `main`, which names the row, has what the others leave. */
  kind?: 'main' | 'medium' | 'state' | 'time' | 'actions';
  /** Left out first where there is little room. */
  isMinor?: boolean;
}

interface TableProperties<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  isStale?: boolean;
  skeletons?: number;
}

/** On narrow screens, where columns have no heading. */
function isLabelled<Row>(column: Column<Row>): boolean {
  return column.kind !== 'main' && column.kind !== 'actions';
}

/*
 * The roles are said a second time because narrow screens show rows as cards: an element that is
 * displayed as a block is no table to screen readers any more.
 */
export function Table<Row extends { id: string }>(properties: TableProperties<Row>) {
  const { caption, columns, rows, isStale = false, skeletons = 5 } = properties;
  const classOf = ({ kind, isMinor }: Column<Row>) =>
    [kind && `is-${kind}`, isMinor && 'is-minor'].filter(Boolean).join(' ') || undefined;
  return (
    <table class={`table${isStale ? ' is-stale' : ''}`} role="table" aria-busy={rows === undefined}>
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} scope="col" role="columnheader" class={classOf(column)}>
              {column.kind === 'actions' ? (
                <span class="visually-hidden">{column.title}</span>
              ) : (
                column.title
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows === undefined
          ? Array.from({ length: skeletons }, (_, index) => (
              <tr key={index} role="row" class="skeleton-row">
                {columns.map((column) => (
                  <td key={column.title} role="cell" class={classOf(column)}>
                    <span class="skeleton" />
                  </td>
                ))}
              </tr>
            ))
          : rows.map((row) => (
              <tr key={row.id} role="row">
                {columns.map((column) => (
                  <td
                    key={column.title}
                    role="cell"
                    class={classOf(column)}
                    data-label={isLabelled(column) ? column.title : undefined}
                  >
                    {column.render(row)}
                  </td>
                ))}
              </tr>
            ))}
      </tbody>
    </table>
  );
}

interface ListProperties<Row> {
  caption: string;
  columns: Column<Row>[];
  loaded: Loaded<Page<Row>> | Paged<Row>;
  empty: ComponentChildren;
  skeletons?: number;
}

export function Pager<Row>({ paged, count }: { paged: Paged<Row>; count: number }) {
  if (!paged.hasPrevious && !paged.hasNext) {
    return null;
  }
  const last = paged.first + count - 1;
  return (
    <nav class="pager" aria-label="Pages">
      <span class="faint">
        {count > 0 ? `${paged.first.toLocaleString('en')}–${last.toLocaleString('en')}` : ''}
      </span>
      <Button icon="left" onClick={paged.previous} disabled={!paged.hasPrevious}>
        Previous
      </Button>
      <Button icon="right" onClick={paged.next} disabled={!paged.hasNext}>
        Next
      </Button>
    </nav>
  );
}

/** A list of the API, in each of its states: on its way, refused, empty, there. */
export function List<Row extends { id: string }>(properties: ListProperties<Row>) {
  const { caption, columns, loaded, empty, skeletons } = properties;
  const { value, error, isLoading, reload } = loaded;
  const rows = value?.data;
  if (error && !isLoading) {
    return <ErrorNotice error={error} onRetry={reload} />;
  }
  if (rows?.length === 0 && !('hasPrevious' in loaded && loaded.hasPrevious)) {
    return <>{empty}</>;
  }
  return (
    <div class="list">
      <div class="table-frame">
        <Table
          caption={caption}
          columns={columns}
          rows={rows}
          isStale={isLoading && rows !== undefined}
          {...(skeletons && { skeletons })}
        />
      </div>
      {'hasPrevious' in loaded && rows && <Pager paged={loaded} count={rows.length} />}
    </div>
  );
}
