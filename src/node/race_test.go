//go:build race

package node_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// protocol are the tests whose rings take seconds of processor time, and under
// the race detector most of a minute. They are tests of the protocol, in which
// the same goroutines meet as in the others; who asks for one with -run gets it.
const protocol = "^Test(" +
	"ABackupOlderThanThePurge|AFormerHolderTakesPart|AJoinerServesWhenItIsFilled|ALateWriteIsRefused" +
	"|AllLeaveAtOnce|Amnesia|AnOldCopyThatWasAlone|APlacementThatCameAndWent|AWipedFounderFoundsNoSecondRing" +
	"|AWipedNodeComesBack|BrokenMoves|ComeBackAfterLeave|DamageIsMended|DamageOfTheOnlyCopy|EachLeavesUnderLoad" +
	"|Forget|FormerCopies|FormerCopiesOfAnEarlierPlacement|GroupsChangeWhileOneIsDown|GrowAndShrink|HostileMember" +
	"|JoinDuringPartition|Lookup|MeterHearsEachRole|OneWayCutHeals|PartitionOfThreeAndTwo" +
	"|ReadsOfFewAreWrittenBack|RemovedKeysAreForgotten|RestoreAlone|RestoreFromWhenItWasAlone|RestoreUnderLoad" +
	"|RingsForm|SetsThatBrokeOffBecomeWhole|StandIns|SurplusOfARestoredNode|TheLastNodeCanNotLeave" +
	"|TheTrialOfAFounderEnds|TimesToBeWhole|TwoJoinAtOnce|WhoIsDownBlocksThePurge" +
	")$"

// joins is how many nodes join under load.
const joins = 2

func TestMain(m *testing.M) {
	flag.Parse()
	if skip := flag.Lookup("test.skip"); skip.Value.String() == "" && flag.Lookup("test.run").Value.String() == "" {
		if err := skip.Value.Set(protocol); err != nil {
			panic(err)
		}
		fmt.Println("left out under the race detector:", protocol)
	}
	os.Exit(m.Run())
}
