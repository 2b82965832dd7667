#ifndef ORGKEYS_BASE_UNINITIALIZED_H
#define ORGKEYS_BASE_UNINITIALIZED_H

/*
 * Everything is built with -ftrivial-auto-var-init=zero. For a large variable on the path of a
 * check, of which every byte that is read was written before: clearing it costs more than the rest.
 */
#define UNINITIALIZED __attribute__((uninitialized))

#endif
