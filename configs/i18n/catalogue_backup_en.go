package i18n

// englishBackup is what is said of backups, in English.
var englishBackup = map[string]string{
	"store.calls":    "%d calls, from %s to %s",
	"store.no_calls": "no calls",
	"store.invented": "The calls are invented.",

	"backup.done":    "%s: %s, schema %d; complete and checked.",
	"backup.waiting": "Records that wait in the spill file for the store: %d. They are in %s, which belongs to the backup.",

	"restore.holds":    "%s: %s, schema %d.",
	"restore.older":    "An older program made it (schema %d): its tables are brought up to date when it is restored, and roll-ups and totals are looked at then.",
	"restore.waiting":  "Records that were not in the store when it was made: %d. They are in %s, and come into it with the next start.",
	"restore.sound":    "It can be restored.",
	"restore.curable":  "With --force it is restored all the same; \"aftercall recount\" then makes the roll-ups anew.",
	"restore.forced":   "It is restored all the same (--force); \"aftercall recount\" then makes the roll-ups anew.",
	"restore.done":     "Restored, %s: %s, schema %d.",
	"restore.kept":     "The store that was there before is kept as %s.",
	"restore.raised":   "The totals stay as high as they were, so that no Prometheus counter falls; surveys in them beyond those of the backup: %d.",
	"restore.fallen":   "warning: %s. The totals are those of the backup: Prometheus counters that were higher fall, and increase() over that moment counts them once more.",
	"restore.replayed": "Records that wait for the next start: %d, in the spill file %s. One that continues a call which is not in the store is put aside in the file of that name with .rejected behind it.",

	"flaw.damaged":      "fault: damaged: %s",
	"flaw.orphans":      "fault: rows that belong to rows that are not there: %d",
	"flaw.no_store":     "fault: it is no store of aftercall",
	"flaw.newer":        "fault: a newer program made it (schema %d): want that program, or a newer one",
	"flaw.other_zone":   "fault: its days are days of %s, and site.time_zone is %s",
	"flaw.off_rollups":  "fault: figures of the roll-ups that are not as its rows say: %d",
	"flaw.short_totals": "fault: totals that are lower than what was counted: %d",
}
