import { expect, it } from 'vitest'
import { type Room, whyFull, whyNoRoom } from '../../src/files/room.ts'

const roomy: Room = { blocks: 1_000, bavail: 500, bsize: 4_096, files: 100, ffree: 50 }

it.each<readonly [string, Partial<Room>, string | null]>([
  ['with room', {}, null],
  ['without a free block', { bavail: 0 }, 'the file system of /w is full (0 bytes are free)'],
  ['with a few blocks left', { bavail: 3 }, 'the file system of /w is full (12288 bytes are free)'],
  ['with blocks for root alone', { bavail: -8 }, 'the file system of /w is full (0 bytes are free)'],
  ['without a free inode', { ffree: 0 }, 'the file system of /w is full (it can hold no more files)'],
  ['that counts no inodes', { files: 0, ffree: 0 }, null],
  ['that counts no blocks', { blocks: 0, bavail: 0 }, null],
])('a file system %s', (_, room, reason) => {
  expect(whyFull('/w', { ...roomy, ...room })).toBe(reason)
})

it('says nothing of a path that is not there', async () => {
  expect(await whyNoRoom('/not/there')).toBeNull()
})
