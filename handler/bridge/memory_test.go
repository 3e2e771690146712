package bridge

import "testing"

func TestMemoriesKeepFewAndSmallOnes(t *testing.T) {
	var all memories
	used := make([]*memory, keptMemories+1)
	for i := range used {
		used[i] = all.get()
	}
	large := all.get()
	large.body.Grow(keptBytes + 1)
	all.put(large)
	for _, m := range used {
		all.put(m)
	}
	if len(all.kept) != keptMemories {
		t.Fatalf("%d are kept, want %d", len(all.kept), keptMemories)
	}
	seen := map[*memory]bool{}
	for range keptMemories {
		m := all.get()
		if seen[m] {
			t.Fatal("two invocations work in one memory")
		}
		if m == large {
			t.Fatal("a large one is kept for good")
		}
		seen[m] = true
	}
	if len(all.kept) != 0 {
		t.Errorf("%d are kept that are in use", len(all.kept))
	}
}
