import ReadingLog
import Testing

@Suite struct RunningQueueTests {
  private let queue = RunningQueue()

  @Test func eachIsGivenOnceInTheOrderOfFirstComing() {
    queue.add([3, 1, 3], bulk: [9], reached: 1)
    queue.add([2, 1], bulk: [9, 8], reached: 2)
    #expect(queue.count == 5)
    #expect(queue.take(2, isBulk: false) == [3, 1])
    #expect(queue.take(2, isBulk: false) == [2])
    #expect(queue.take(5, isBulk: true) == [9, 8])
    #expect(queue.take(5, isBulk: false).isEmpty)
    #expect(queue.count == 5, "they are out, and not accepted")
    queue.finish()
    #expect(queue.count == 0)
  }

  @Test func whatComesBackStandsFirstUnlessItWasQueuedMeanwhile() {
    queue.add([1, 2, 3, 4, 5], bulk: [], reached: 1)
    #expect(queue.take(4, isBulk: false) == [1, 2, 3, 4])
    queue.add([2], bulk: [], reached: 2)
    queue.giveBack([3, 4])
    queue.giveBack()
    #expect(queue.take(9, isBulk: false) == [1, 3, 4, 5, 2])
    #expect(queue.take(0, isBulk: false).isEmpty)
  }

  @Test func itIsToldThroughOnceNothingIsOut() {
    #expect(queue.toldThrough == nil)
    queue.add([1], bulk: [7], reached: 5)
    #expect(queue.toldThrough == nil)
    _ = queue.take(1, isBulk: false)
    _ = queue.take(1, isBulk: true)
    #expect(queue.toldThrough == nil)
    queue.finish()
    #expect(queue.toldThrough == 5)
    queue.goBack()
    #expect(queue.toldThrough == nil)
    queue.add([], bulk: [], reached: 3)
    #expect(queue.toldThrough == 3)
  }

  @Test func whatHasBecomeFinalWaitsNoMore() {
    queue.add([1, 2, 3], bulk: [9], reached: 1)
    queue.add([], bulk: [], finals: [2, 9], reached: 2)
    #expect(queue.count == 2)
    queue.add([2], bulk: [], reached: 3)
    #expect(queue.take(9, isBulk: false) == [1, 2, 3], "in its first place, once")
    #expect(queue.take(9, isBulk: true).isEmpty)
    queue.finish()
    #expect(queue.count == 0 && queue.toldThrough == 3)
  }

  @Test func finalsLeaveNoRoomTaken() {
    for round in 0..<100 as Range<Int64> {
      let numbers = Array(round * 1_000..<(round + 1) * 1_000)
      queue.add(numbers, bulk: [], reached: round)
      queue.add([], bulk: [], finals: numbers, reached: round)
    }
    queue.add([7], bulk: [], reached: 100)
    #expect(queue.count == 1 && queue.take(9, isBulk: false) == [7])
  }

  @Test func nothingIsLostOverManyRounds() {
    var generator = SeededGenerator()
    var waiting: [Int64] = []
    var next: Int64 = 0
    for _ in 0..<2_000 {
      let new = (0..<Int64.random(in: 0...4, using: &generator)).map { next + $0 }
      next += Int64(new.count)
      queue.add(new, bulk: [], reached: next)
      waiting += new
      let taken = queue.take(.random(in: 0...5, using: &generator), isBulk: false)
      #expect(taken == Array(waiting.prefix(taken.count)))
      if Bool.random(using: &generator) {
        queue.giveBack()
      } else {
        queue.finish()
        waiting.removeFirst(taken.count)
      }
    }
    #expect(queue.take(.max, isBulk: false) == waiting)
  }
}
