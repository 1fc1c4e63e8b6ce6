/*
** alloc.h - `make oom` puts this in front of every file of csrc: what they
** allocate themselves, oom.c can refuse.
*/

#ifndef OOM_ALLOC_H
#define OOM_ALLOC_H

#include <stdlib.h>

void *oom_malloc (size_t size);
void *oom_calloc (size_t n, size_t size);
void *oom_realloc (void *block, size_t size);
void oom_free (void *block);

#define malloc oom_malloc
#define calloc oom_calloc
#define realloc oom_realloc
#define free oom_free

#endif
