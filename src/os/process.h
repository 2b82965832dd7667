#ifndef ORGKEYS_OS_PROCESS_H
#define ORGKEYS_OS_PROCESS_H

/* Lets the metrics of the process itself (its start, its memory) be read. At start, once. */
void process_set_metrics(void);

#endif
